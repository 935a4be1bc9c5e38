// Shortens the sprites: npx svgo@3 --config tools/svgo.config.js static/icons/sprite-places.svg static/icons/sprite-ui.svg
module.exports = {
  multipass: true,
  floatPrecision: 1,
  plugins: [
    { name: "convertPathData", params: { floatPrecision: 1 } },
    { name: "convertShapeToPath" },
    { name: "mergePaths" },
  ],
};
