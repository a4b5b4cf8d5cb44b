/** The bundler copies a font beside the bundle and gives its relative path. */
declare module '*.ttf' {
  const path: string;
  export default path;
}
