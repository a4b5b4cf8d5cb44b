/** The bundler copies a font beside the bundle and gives its relative path. */
declare module '*.ttf' {
  const path: string;
  export default path;
}

/** The bundler writes the offline verifier beside the bundle and gives its relative path. */
declare module 'bedside:verifier' {
  const path: string;
  export default path;
}

/** The bundler copies the model that comes with the platform beside the bundle and gives its relative path. */
declare module 'bedside:shipped-model' {
  const path: string;
  export default path;
}
