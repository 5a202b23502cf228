//! Validation of rows, and their sampling options.

use tweedie::diffusion::Process;
use tweedie::distance::NEIGHBOURS;
use tweedie::evaluation::{Data, Request, Row, labels_of};
use tweedie::{Error, Pipeline, Result};

use crate::arguments::{Arguments, Part};

/// Checks that the images and classes of the data match those of the model.
pub fn check_fit(pipeline: &Pipeline, data: &Data) -> Result<()> {
    let [_, _, height, width] = data.train.shape();
    if pipeline.sample_size() != [height, width] {
        let [rows, columns] = pipeline.sample_size();
        let expected = format!(
            "{rows} by {columns} pixels, the image size of the model; resize the images with --size {columns}x{rows}"
        );
        return Err(Error::invalid("--data", expected, [height, width]));
    }
    let own = pipeline.class_count() - usize::from(pipeline.null_class_label().is_some());
    let names = pipeline.labels().unwrap_or_default();
    // Names of the model's classes may be more readable than those of the data's folders. The same name for a different
    // class is an error.
    let position = |name: &String| names.iter().position(|other| other == name);
    let mut classes = data.class_names.iter().enumerate();
    let swapped = classes.any(|(class, name)| position(name).is_some_and(|other| other != class));
    if pipeline.class_count() > 0 && (own < data.kind().classes || swapped) {
        let expected = format!("the {own} classes of the model: {}", names.join(", "));
        return Err(Error::invalid(
            "--data",
            expected,
            data.class_names.join(", "),
        ));
    }
    Ok(())
}

/// Number of training timesteps of the model; 1000 for models without.
pub fn timesteps(pipeline: &Pipeline) -> usize {
    match &pipeline.scheduler().process {
        Process::Discrete(schedule) => schedule.len(),
        _ => 1000,
    }
}

/// Checks all rows before hours of sampling.
pub fn check_rows(arguments: &Arguments, pipeline: &Pipeline, data: &Data) -> Result<()> {
    let mut rows = Vec::new();
    if arguments.part.contains(&Part::Samplers) {
        let counted = |row: Row| {
            let count = row.count.unwrap_or(arguments.count);
            ("--count", count, row, 1.0)
        };
        let timesteps = timesteps(pipeline);
        rows.extend(arguments.rows(timesteps).into_iter().map(counted));
    }
    if arguments.part.contains(&Part::Guidance) && pipeline.null_class_label().is_some() {
        let row = &arguments.guidance_row;
        let count = row.count.unwrap_or(arguments.guidance_count);
        let scaled = |scale: &f64| ("--guidance-count", count, row.clone(), *scale);
        rows.extend(arguments.guidance_scales.iter().map(scaled));
    }
    for (name, count, row, scale) in &rows {
        if *count <= NEIGHBOURS {
            let expected =
                format!("more than {NEIGHBOURS}, the number of neighbours of precision and recall");
            return Err(Error::invalid(*name, expected, count));
        }
        request(arguments, pipeline, data, row, *scale, *count)?.evaluations(pipeline)?;
    }
    Ok(())
}

/// Sampling options of a row, with classes in the proportions of the data.
pub fn request(
    arguments: &Arguments,
    pipeline: &Pipeline,
    data: &Data,
    row: &Row,
    guidance_scale: f64,
    count: usize,
) -> Result<Request> {
    let scheduler = pipeline.scheduler();
    let method = scheduler.method_named(Some(&row.sampler), &mut row.options.clone())?;
    let class_labels = match pipeline.class_count() {
        0 => Vec::new(),
        _ => labels_of(data.train.classes(), count),
    };
    Ok(Request {
        method: Some(method),
        steps: row.steps,
        guidance_scale,
        count,
        class_labels,
        batch: arguments.batch,
        seed: arguments.seed,
    })
}
