export const { URL, URLSearchParams } = globalThis
export default { URL, URLSearchParams }
