/** What the page's policy demands of style elements; the library that locks a dialog's background reads the global. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

Object.assign(globalThis, { __webpack_nonce__: nonce });
