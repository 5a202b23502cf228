/** The camera: its frames until one is taken. */

export class Camera {
  #video = document.createElement("video");
  #onFrame;
  #frame = null;

  /** @param {(image: CanvasImageSource & { width: number, height: number }) => void} onFrame  called with each frame, as a square */
  constructor(onFrame) {
    this.#onFrame = onFrame;
    Object.assign(this.#video, { muted: true, playsInline: true });
  }

  get isOpen() {
    return this.#video.srcObject !== null;
  }

  /** Opens the camera. @throws {Error} if there is none, or if it is not allowed */
  async open() {
    if (navigator.mediaDevices === undefined) throw new Error("The browser does not give this page access to a camera; that requires HTTPS.");
    try {
      this.#video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 640 } });
      await this.#video.play();
    } catch (error) {
      this.close();
      throw new Error(error.name === "NotAllowedError" ? "Access to the camera was denied." : `The camera cannot be opened: ${error.message}`, { cause: error });
    }
    this.#follow();
  }

  /** The centre of the current frame, as a square. */
  take() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const side = Math.min(width, height);
    const canvas = new OffscreenCanvas(side, side);
    canvas.getContext("2d").drawImage(this.#video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, side, side);
    return canvas;
  }

  close() {
    cancelAnimationFrame(this.#frame);
    for (const track of this.#video.srcObject?.getTracks() ?? []) track.stop();
    this.#video.srcObject = null;
  }

  #follow() {
    if (!this.isOpen) return;
    if (this.#video.videoWidth > 0) this.#onFrame(this.take());
    this.#frame = requestAnimationFrame(() => this.#follow());
  }
}
