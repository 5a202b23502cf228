//! Bindings of points in the plane: data, models, training.

mod data;
mod density;
mod distance;
mod forward;
mod model;
mod options;
mod sampling;
mod trainer;

pub use data::{
    draw_point_data, point_data_from, point_data_from_csv, point_datasets, split_points,
};
pub use density::WasmPointDensity;
pub use distance::distance_of_points;
pub use forward::{forward_paths_of_points, forward_points, schedule_curves};
pub use model::WasmPointModel;
pub use sampling::WasmPointSampling;
pub use trainer::WasmTrainer;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// A plain object with these fields.
fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}
