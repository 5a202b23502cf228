/** Properties of a pipeline that are known once it is loaded and remain readable after `free()`. */
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
