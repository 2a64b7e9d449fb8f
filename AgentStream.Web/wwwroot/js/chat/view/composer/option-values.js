/**
 * The options of a message as the protocol has them. What is empty or out of its range is left out: the agent's own setting then holds.
 * @param {{ model?: string, temperature?: string, iterations?: string }} values as they stand in their fields
 * @returns {{ model?: string, temperature?: number, max_iterations?: number }}
 */
export function readOptions({ model = '', temperature = '', iterations = '' }) {
  const options = {};
  if (model.trim()) {
    options.model = model.trim();
  }

  const degrees = Number(temperature);
  if (temperature.trim() !== '' && degrees >= 0 && degrees <= 2) {
    options.temperature = degrees;
  }

  const most = Number(iterations);
  if (iterations.trim() !== '' && Number.isInteger(most) && most >= 1 && most <= 200) {
    options.max_iterations = most;
  }

  return options;
}
