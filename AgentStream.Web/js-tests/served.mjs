// The page's scripts find those of clients/js beside their own, under js/client, because AgentStream.Web serves them there.
// With "node --import" of this file Node finds them, too, where they are.
import * as modules from 'node:module';
import { isMainThread } from 'node:worker_threads';

const served = new URL('../wwwroot/js/client/', import.meta.url).href;
const files = new URL('../../clients/js/src/', import.meta.url).href;

/** @param {string} address as a browser sees it, below wwwroot @returns {string} where its file is */
export function fileOf(address) {
  return address.startsWith(served) ? files + address.slice(served.length) : address;
}

export function resolve(specifier, context, next) {
  const isOurs = specifier.startsWith('.') && context.parentURL;
  return next(isOurs ? fileOf(new URL(specifier, context.parentURL).href) : specifier, context);
}

if (modules.registerHooks) {
  modules.registerHooks({ resolve });
} else if (isMainThread) {
  modules.register(import.meta.url);
}
