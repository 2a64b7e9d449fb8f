/**
 * Paints an image small. What is painted can't act, and is loaded from nowhere.
 * @param {Blob} image
 * @param {number} height pixels at most
 * @param {Record<string, string>} [attributes]
 * @returns {Promise<HTMLCanvasElement>}
 */
export async function picture(image, height, attributes = {}) {
  const bitmap = await createImageBitmap(image);
  const scale = Math.min(1, height / bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  for (const [name, value] of Object.entries(attributes)) {
    canvas.setAttribute(name, value);
  }

  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}
