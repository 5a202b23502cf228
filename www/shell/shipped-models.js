/** The models that come with the page. */

/**
 * @typedef {object} ShippedModel
 * @property {string} name  as a link has it: without a slash, so that no Hub id is taken for it, and neither "folder" nor "hub"
 * @property {string} folder  its address
 * @property {string} title  what the choice of models calls it
 * @property {string} draws  what its pictures are, as a sentence
 * @property {{ words: string, url: string }} source  of the pictures that it has learnt from
 * @property {{ words: string, url: string }} licence  of its weights
 */

/** @type {readonly ShippedModel[]}  the one that the page opens with comes first */
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

/** The one of this name, or undefined. */
export const shippedModel = (name) => SHIPPED_MODELS.find((model) => model.name === name);
