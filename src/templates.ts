import { fileURLToPath } from 'node:url'

/** The folder of the templates: beside src in a checkout, and beside dist, which holds one flat layer of files, in the package. */
export const templatesFolder = fileURLToPath(new URL('../templates/', import.meta.url))
