// What the browser tells about its GPU, asked before the module for it is downloaded.

/** Adapters that compute on the CPU: with them a network takes twenty times as long as with the CPU's own kernels. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render/i;
/** Without it, Burn's runtime would panic when it opens the device. */
const REQUIRED_FEATURE = "timestamp-query";

/**
 * Asks the browser for a WebGPU adapter.
 * @returns {Promise<{ description: string, isSoftware: boolean } | { refusal: string }>} the adapter, or why WebGPU cannot be used
 */
export async function findAdapter() {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) return { refusal: "there is no WebGPU here" };
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return { refusal: "this browser offers no WebGPU adapter" };
  if (!adapter.features.has(REQUIRED_FEATURE)) return { refusal: `its adapter lacks the feature ${REQUIRED_FEATURE}` };
  // Most browsers hide everything except the vendor and the architecture.
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info ?? {};
  const known = [vendor, architecture, device, description].filter(Boolean).join(", ");
  return {
    description: known === "" ? "WebGPU" : `WebGPU (${known})`,
    isSoftware: Boolean(isFallbackAdapter ?? adapter.isFallbackAdapter) || SOFTWARE.test(known),
  };
}
