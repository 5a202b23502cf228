//! The tables of the evaluation.

use std::collections::BTreeSet;

use tweedie::checkpoint::write_folder;
use tweedie::cli::{ImageSize, progress_bar, read_images};
use tweedie::dataset::images::ImageData;
use tweedie::evaluation::{Data, FeatureSpace, Reference, Row, Table, sample_images};
use tweedie::{Checkpoint, Error, Pipeline, Result};

use crate::arguments::{Arguments, Part};
use crate::classifier::feature_space;
use crate::rows::{check_fit, check_rows, request, timesteps};

/// Resolution of the progress bar, per image.
const TICKS: f64 = 1000.0;

/// Results so far. Each table is written after each of its rows.
pub struct Report<'a> {
    arguments: &'a Arguments,
    pipeline: Pipeline,
    data: Data,
    space: FeatureSpace,
    reference: Reference,
    samplers: Table,
    guidance: Table,
}

/// Measurements of the samples of a row.
struct Measured {
    evaluations: usize,
    features: Vec<f32>,
    /// Fraction of the samples with the requested class, according to the classifier; `None` for unconditional models.
    accuracy: Option<f64>,
}

impl<'a> Report<'a> {
    /// Reads the model and the data, and reads or trains the classifier.
    pub fn new(arguments: &'a Arguments) -> Result<Self> {
        let checkpoint = Checkpoint::read_folder(&arguments.model)?;
        let pipeline = Pipeline::new(checkpoint, &arguments.device.open())?;
        let images = read_images(&arguments.data, arguments.size)?;
        let held_out = ImageData::read_held_out(&arguments.data)?;
        let held_out = match arguments.size {
            Some(ImageSize(size)) => held_out.map(|images| images.resized(size)),
            None => held_out,
        };
        let data = Data::of_images(images, held_out, pipeline.channels())?;
        check_fit(&pipeline, &data)?;
        check_rows(arguments, &pipeline, &data)?;
        std::fs::create_dir_all(&arguments.output)
            .map_err(|error| Error::unwritable(arguments.output.display(), error))?;
        let space = feature_space(arguments, &data)?;
        let reference = Reference::new(&space, &data.train)?;
        let samplers = Table::new(&[
            "sampler",
            "steps",
            "network evaluations",
            "samples",
            "Fréchet distance",
            "precision",
            "recall",
            "class accuracy",
        ]);
        let guidance = Table::new(&[
            "guidance scale",
            "samples",
            "class accuracy",
            "Fréchet distance",
            "precision",
            "recall",
        ]);
        Ok(Self {
            arguments,
            pipeline,
            data,
            space,
            reference,
            samplers,
            guidance,
        })
    }

    /// Computes Fréchet distance, precision and recall of each row, and of equally many held-out images.
    pub fn compare_samplers(&mut self) -> Result<()> {
        if !self.arguments.part.contains(&Part::Samplers) {
            return Ok(());
        }
        let rows = self.arguments.rows(timesteps(&self.pipeline));
        let count = |row: &Row| row.count.unwrap_or(self.arguments.count);
        let counts: BTreeSet<usize> = rows.iter().map(count).collect();
        let counts = counts
            .into_iter()
            .map(|count| count.min(self.data.held_out.len()));
        for count in counts.collect::<BTreeSet<_>>() {
            self.push_held_out(count)?;
        }
        for row in &rows {
            let measured = self.measure(row, 1.0, row.count.unwrap_or(self.arguments.count))?;
            let [frechet, precision, recall] = self.comparison(&measured.features)?;
            self.samplers.push(vec![
                row.title(),
                row.steps
                    .map_or_else(String::new, |steps| steps.to_string()),
                measured.evaluations.to_string(),
                row.count.unwrap_or(self.arguments.count).to_string(),
                frechet,
                precision,
                recall,
                percent(measured.accuracy),
            ]);
            self.write(Part::Samplers)?;
        }
        Ok(())
    }

    /// Computes the class accuracy at each guidance scale, for models with classes and a null class.
    pub fn measure_guidance(&mut self) -> Result<()> {
        let null = self.pipeline.null_class_label();
        if null.is_none() || !self.arguments.part.contains(&Part::Guidance) {
            return Ok(());
        }
        let row = &self.arguments.guidance_row;
        let count = row.count.unwrap_or(self.arguments.guidance_count);
        for scale in &self.arguments.guidance_scales {
            let measured = self.measure(row, *scale, count)?;
            let [frechet, precision, recall] = self.comparison(&measured.features)?;
            self.guidance.push(vec![
                scale.to_string(),
                count.to_string(),
                percent(measured.accuracy),
                frechet,
                precision,
                recall,
            ]);
            self.write(Part::Guidance)?;
        }
        Ok(())
    }

    /// Adds the held-out images, as a reference for the best possible values. The classifier was not trained on them,
    /// but the model may have been if there are no held-out files.
    fn push_held_out(&mut self, count: usize) -> Result<()> {
        let all = self.data.held_out.len();
        let rows: Vec<usize> = (0..count).map(|index| index * all / count).collect();
        let images = self.data.held_out.select(&rows)?;
        let features = self.space.features(&images)?;
        let [frechet, precision, recall] = self.comparison(&features)?;
        let accuracy = self.space.accuracy(&features, images.classes());
        self.samplers.push(vec![
            "held-out real images".to_owned(),
            String::new(),
            String::new(),
            count.to_string(),
            frechet,
            precision,
            recall,
            percent(Some(accuracy)),
        ]);
        Ok(())
    }

    fn measure(&self, row: &Row, scale: f64, count: usize) -> Result<Measured> {
        let Self {
            arguments,
            pipeline,
            data,
            ..
        } = self;
        let request = request(arguments, pipeline, data, row, scale, count)?;
        let template = "{msg:20} {bar:30} {percent} %, {eta} left";
        let bar = progress_bar((count as f64 * TICKS) as usize, template);
        bar.set_message(format!("{} {}", row.sampler, row.steps.unwrap_or_default()));
        let sampled = sample_images(pipeline, &request, |images| {
            bar.set_position((images * TICKS) as u64);
        })?;
        bar.finish_and_clear();
        let features = self.space.features(&sampled.images)?;
        let labels = &request.class_labels;
        Ok(Measured {
            evaluations: sampled.evaluations,
            accuracy: (!labels.is_empty()).then(|| self.space.accuracy(&features, labels)),
            features,
        })
    }

    fn comparison(&self, features: &[f32]) -> Result<[String; 3]> {
        let comparison = self.reference.compare(features)?;
        let fractions = [comparison.precision, comparison.recall].map(|part| format!("{part:.3}"));
        let [precision, recall] = fractions;
        Ok([format!("{:.2}", comparison.frechet), precision, recall])
    }

    /// All results as Markdown, with a description of the feature space.
    pub fn to_markdown(&self) -> String {
        let tables = [Part::Samplers, Part::Guidance].map(|part| self.table(part));
        format!("{}{}", self.measure_of(), tables.concat())
    }

    /// Description of the feature space.
    fn measure_of(&self) -> String {
        let about = self.space.about();
        format!(
            "Measured in the 64 features of a convolutional classifier, trained on {} images for {} steps, with an accuracy of {:.2} % on {} held-out images.\n",
            about.train,
            about.steps,
            100.0 * about.accuracy,
            about.held_out,
        )
    }

    /// A table as Markdown; empty without rows.
    fn table(&self, part: Part) -> String {
        match part {
            Part::Samplers if !self.samplers.is_empty() => {
                format!("\n{}", self.samplers.to_markdown())
            }
            Part::Guidance if !self.guidance.is_empty() => {
                let row = &self.arguments.guidance_row;
                let steps = row.steps.map(|steps| format!(", {steps} steps"));
                let steps = steps.unwrap_or_default();
                let table = self.guidance.to_markdown();
                format!("\n{}{steps}:\n\n{table}", row.title())
            }
            _ => String::new(),
        }
    }

    /// Writes a table as `.md` and as `.csv`.
    fn write(&self, part: Part) -> Result<()> {
        let (name, csv) = match part {
            Part::Samplers => ("samplers", self.samplers.to_csv()),
            Part::Guidance => ("guidance", self.guidance.to_csv()),
        };
        let markdown = self.measure_of() + &self.table(part);
        let files = [
            (format!("{name}.md"), markdown),
            (format!("{name}.csv"), csv),
        ];
        write_folder(&self.arguments.output, files)
    }
}

fn percent(part: Option<f64>) -> String {
    part.map_or_else(String::new, |part| format!("{:.1} %", 100.0 * part))
}
