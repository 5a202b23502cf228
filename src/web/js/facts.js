/** What is known of a pipeline from its loading on, and stays readable after `free()`. */
export const PIPELINE_FACTS = [
  "sampleSize",
  "channels",
  "parameterCount",
  "labels",
  "classCount",
  "nullClassLabel",
  "schedulerConfig",
  "schedulerDefaults",
  "alphasCumprod",
  "warnings",
];
