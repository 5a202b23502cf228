//! The browser's GPU: opened once for each page or worker, and watched.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Once, OnceLock};

use burn::tensor::Device;
use burn_wgpu::{WgpuSetup, wgpu};
use js_sys::{Promise, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::{Error, Result};

/// A GPU device that was opened.
#[derive(Clone, Debug)]
pub(super) struct Gpu {
    device: Device,
    queue: wgpu::Queue,
    /// What broke the GPU device, once something did.
    fault: Arc<OnceLock<String>>,
}

/// Why WebGPU cannot be used here, as a clause.
pub(super) type Reason = String;

thread_local! {
    static GPU: RefCell<GpuState> = const { RefCell::new(GpuState::Closed) };
}

/// The GPU may be opened once, and by whoever asks first; others wait for the same promise.
enum GpuState {
    Closed,
    Opening(Promise),
    Open(Rc<Gpu>),
}

impl Gpu {
    pub(super) fn device(&self) -> Device {
        self.device.clone()
    }

    /// An error when the device was lost or reported an error.
    pub(super) fn check(&self) -> Result<()> {
        let fault = self.fault.get();
        fault.map_or(Ok(()), |fault| Err(Error::Device(fault.clone())))
    }

    /// Resolves when all that was submitted so far is computed.
    pub(super) async fn settled(&self) -> Result<()> {
        self.check()?;
        self.device
            .flush()
            .map_err(|error| Error::Device(format!("the GPU refused the work: {error}")))?;
        let done = Promise::new(&mut |resolve, _| {
            let resolve = Callback(resolve);
            self.queue.on_submitted_work_done(move || resolve.call());
        });
        // A promise that only resolves has no error to give.
        let _ = JsFuture::from(done).await;
        self.check()
    }
}

/// A JavaScript callback that wgpu may hold on to. wgpu asks for `Send`; a page or worker has one thread.
struct Callback(js_sys::Function);

// SAFETY: without threads in the module nothing is ever sent.
unsafe impl Send for Callback {}

impl Callback {
    fn call(self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// The GPU, opened on the first call. A GPU that broke is opened anew.
pub(super) async fn shared_gpu() -> Result<Rc<Gpu>, Reason> {
    let opening = GPU.with_borrow_mut(|state| match state {
        GpuState::Open(gpu) if gpu.fault.get().is_none() => Ok(gpu.clone()),
        GpuState::Opening(promise) => Err(promise.clone()),
        _ => {
            let promise = wasm_bindgen_futures::future_to_promise(open_and_keep());
            *state = GpuState::Opening(promise.clone());
            Err(promise)
        }
    });
    match opening {
        Ok(gpu) => Ok(gpu),
        Err(promise) => {
            let opened = JsFuture::from(promise).await;
            opened.map_err(|reason| reason.as_string().unwrap_or_default())?;
            GPU.with_borrow(|state| match state {
                GpuState::Open(gpu) => Ok(gpu.clone()),
                _ => Err("it was lost while it was opened".into()),
            })
        }
    }
}

async fn open_and_keep() -> Result<JsValue, JsValue> {
    let opened = open_gpu().await;
    GPU.with_borrow_mut(|state| {
        let (next, result) = match opened {
            Ok(gpu) => (GpuState::Open(Rc::new(gpu)), Ok(JsValue::UNDEFINED)),
            Err(reason) => (GpuState::Closed, Err(reason.into())),
        };
        *state = next;
        result
    })
}

unsafe extern "C" {
    /// Runs the constructors that crates register before `main`; the linker writes it.
    fn __wasm_call_ctors();
}

/// Registers the operations of the kernel compiler, once.
///
/// That a module calls its constructors itself also keeps the linker from taking it for a command, which
/// runs all of them, thousands, at *every* call from JavaScript: steps on WebGPU took six times as long.
fn register_kernel_operations() {
    static REGISTERED: Once = Once::new();
    // SAFETY: the linker's function takes nothing, and it runs once.
    REGISTERED.call_once(|| unsafe { __wasm_call_ctors() });
}

/// Requests an adapter and a device, and registers them with Burn.
///
/// We do it rather than Burn, to look at the adapter first (a missing feature would panic later) and to
/// take WebGPU's errors as values rather than panics.
async fn open_gpu() -> Result<Gpu, Reason> {
    if !has_webgpu() {
        return Err("there is no WebGPU here".into());
    }
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::BROWSER_WEBGPU;
    let instance = wgpu::Instance::new(descriptor);
    let adapter = instance
        .request_adapter(&wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        })
        .await
        .map_err(|_| "this browser offers no WebGPU adapter".to_string())?;
    if !adapter.features().contains(wgpu::Features::TIMESTAMP_QUERY) {
        return Err("its adapter lacks the feature timestamp-query".into());
    }
    let (device, queue) = adapter
        .request_device(&wgpu::DeviceDescriptor {
            required_features: adapter.features(),
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        })
        .await
        .map_err(|error| format!("its adapter gives no device ({error})"))?;
    let setup = WgpuSetup {
        backend: wgpu::Backend::BrowserWebGpu,
        instance,
        adapter,
        device,
        queue,
    };
    register(setup)
}

/// Whether this is a page or a worker (wgpu panics elsewhere, in Node.js for one) with `navigator.gpu`.
fn has_webgpu() -> bool {
    let global = js_sys::global();
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into());
    let gpu = get(&global, "navigator").and_then(|navigator| get(&navigator, "gpu"));
    let is = |name: &str| Reflect::has(&global, &name.into()) == Ok(true);
    (is("Window") || is("WorkerGlobalScope")) && gpu.is_ok_and(|gpu| gpu.is_truthy())
}

/// Makes the device Burn's.
fn register(setup: WgpuSetup) -> Result<Gpu, Reason> {
    register_kernel_operations();
    let (wgpu_device, queue) = (setup.device.clone(), setup.queue.clone());
    let device = Device::wgpu_options()
        .setup(setup)
        .init()
        .map_err(|error| format!("its device cannot be used ({error})"))?;
    let fault = Arc::new(OnceLock::new());
    let lost = fault.clone();
    wgpu_device.set_device_lost_callback(move |_, message| {
        let _ = lost.set(format!("the GPU device was lost: {message}"));
    });
    let failed = fault.clone();
    wgpu_device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
        let _ = failed.set(format!("the GPU reported an error: {error}"));
    }));
    Ok(Gpu {
        device,
        queue,
        fault,
    })
}
