// Queries the browser's GPU before the WebGPU module is downloaded.

/** Software adapters, on which a network is about twenty times slower than with the package's CPU kernels. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;
/** Without this feature, Burn panics when it opens the device. */
const REQUIRED_FEATURE = "timestamp-query";

/**
 * Requests a WebGPU adapter.
 * @returns {Promise<{ description: string, isSoftware: boolean } | { refusal: string }>} the adapter, or the reason why WebGPU cannot be used
 */
export async function findAdapter() {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) return { refusal: "this environment does not support WebGPU" };
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return { refusal: "this browser has no WebGPU adapter" };
  if (!adapter.features.has(REQUIRED_FEATURE)) return { refusal: `the adapter does not have the feature ${REQUIRED_FEATURE}` };
  // Most browsers hide everything except the vendor and the architecture.
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info ?? {};
  const known = [vendor, architecture, device, description].filter(Boolean).join(", ");
  return {
    description: known === "" ? "WebGPU" : `WebGPU (${known})`,
    isSoftware: Boolean(isFallbackAdapter ?? adapter.isFallbackAdapter) || SOFTWARE.test(known),
  };
}
