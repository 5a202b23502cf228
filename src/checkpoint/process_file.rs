//! A forward process in a file of this crate.

use serde::{Deserialize, Serialize};

use super::tensor_file::TensorFile;
use crate::Result;
use crate::diffusion::{NoiseSchedule, Process, Sde};

const ENTRY: &str = "process";
const ALPHA_BARS: &str = "alpha_bars";

/// A [`Process`] without the values of its schedule. These are stored as a tensor, since JSON would round them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Discrete,
    Sde(Sde),
    Edm { sigma_data: f64 },
    Consistency { sigma_data: f64 },
    FlowMatching { timesteps: f64 },
    Angular,
}

impl TensorFile {
    /// Adds the process.
    pub fn put_process(&mut self, process: &Process) -> Result<()> {
        let record = match *process {
            Process::Discrete(ref schedule) => {
                self.put_f64(ALPHA_BARS, schedule.alpha_bars());
                Record::Discrete
            }
            Process::Sde(sde) => Record::Sde(sde),
            Process::Edm { sigma_data } => Record::Edm { sigma_data },
            Process::Consistency { sigma_data } => Record::Consistency { sigma_data },
            Process::FlowMatching { timesteps } => Record::FlowMatching { timesteps },
            Process::Angular => Record::Angular,
        };
        self.describe(ENTRY, &record)
    }

    /// Reads the process.
    ///
    /// # Errors
    /// [`Error::MalformedFile`](crate::Error::MalformedFile) where it is missing, and those of
    /// [`NoiseSchedule::from_alpha_bars`].
    pub fn process(&self) -> Result<Process> {
        Ok(match self.described(ENTRY)? {
            Record::Discrete => {
                Process::Discrete(NoiseSchedule::from_alpha_bars(self.f64s(ALPHA_BARS)?)?)
            }
            Record::Sde(sde) => Process::Sde(sde),
            Record::Edm { sigma_data } => Process::Edm { sigma_data },
            Record::Consistency { sigma_data } => Process::Consistency { sigma_data },
            Record::FlowMatching { timesteps } => Process::FlowMatching { timesteps },
            Record::Angular => Process::Angular,
        })
    }
}
