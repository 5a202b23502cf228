/** The models that come with the page. */

/**
 * @typedef {object} ShippedModel
 * @property {string} name  name in links: no slash, to distinguish it from Hub ids, and neither "folder" nor "hub"
 * @property {string} folder  address of its folder
 * @property {string} title  label in the model menu
 * @property {string} draws  description of its images, as a sentence
 * @property {{ words: string, url: string }} source  of the training images
 * @property {{ words: string, url: string }} licence  of the weights
 */

/** @type {readonly ShippedModel[]}  the first one is the default */
export const SHIPPED_MODELS = [
  {
    name: "mnist",
    folder: "./models/mnist",
    title: "Digits",
    draws: "Handwritten digits, in ten classes.",
    source: { words: "MNIST by Yann LeCun and Corinna Cortes", url: "https://huggingface.co/datasets/ylecun/mnist" },
    licence: { words: "CC BY-SA 3.0", url: "https://creativecommons.org/licenses/by-sa/3.0/" },
  },
  {
    name: "tiles",
    folder: "./models/tiles",
    title: "Pixel art",
    draws: "Tiles of a dungeon game, in eight classes.",
    source: { words: "the tiles of Dungeon Crawl Stone Soup", url: "https://github.com/crawl/tiles" },
    licence: { words: "CC0 1.0", url: "https://creativecommons.org/publicdomain/zero/1.0/" },
  },
];

/** The shipped model of this name, or undefined. */
export const shippedModel = (name) => SHIPPED_MODELS.find((model) => model.name === name);
