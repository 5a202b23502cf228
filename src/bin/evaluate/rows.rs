//! What rows ask for, and whether model and data can give it.

use tweedie::diffusion::Process;
use tweedie::distance::NEIGHBOURS;
use tweedie::evaluation::{Data, Request, Row, labels_of};
use tweedie::{Error, Pipeline, Result};

use crate::arguments::{Arguments, Part};

/// The images of the data must be those of the model, and its classes too.
pub fn check_fit(pipeline: &Pipeline, data: &Data) -> Result<()> {
    let [_, _, height, width] = data.train.shape();
    if pipeline.sample_size() != [height, width] {
        let [rows, columns] = pipeline.sample_size();
        let expected = format!(
            "images of the model's {rows} by {columns} pixels, which --size {columns}x{rows} gives them"
        );
        return Err(Error::invalid("--data", expected, [height, width]));
    }
    let own = pipeline.class_count() - usize::from(pipeline.null_class_label().is_some());
    let names = pipeline.labels().unwrap_or_default();
    // A card may name them better than the folders of the data do; the same name for another class is no better one.
    let position = |name: &String| names.iter().position(|other| other == name);
    let mut classes = data.class_names.iter().enumerate();
    let swapped = classes.any(|(class, name)| position(name).is_some_and(|other| other != class));
    if pipeline.class_count() > 0 && (own < data.kind().classes || swapped) {
        let expected = format!("images of the model's {own} classes {}", names.join(", "));
        return Err(Error::invalid(
            "--data",
            expected,
            data.class_names.join(", "),
        ));
    }
    Ok(())
}

/// Timesteps that the model was trained on; 1000 where it was trained on others.
pub fn timesteps(pipeline: &Pipeline) -> usize {
    match &pipeline.scheduler().process {
        Process::Discrete(schedule) => schedule.len(),
        _ => 1000,
    }
}

/// What is wrong with a row shows before hours of sampling.
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
                format!("more than {NEIGHBOURS}, the neighbours of precision and recall");
            return Err(Error::invalid(*name, expected, count));
        }
        request(arguments, pipeline, data, row, *scale, *count)?.evaluations(pipeline)?;
    }
    Ok(())
}

/// What a row asks for, its classes in the proportions of the data.
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
