// A fetch that loses its connection after so many events, and keeps what it was answered.

const blank = /\n\n/g;

/** Fetches, and breaks the body off after `events` of them; no number: never. `seen` gets the text of the body. */
export function cutting(events, seen = []) {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.ok || response.body === null || events === undefined) {
      return response;
    }

    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = '';
    let left = events;
    const body = new ReadableStream({
      async pull(controller) {
        if (left === 0) {
          await reader.cancel();
          controller.error(new TypeError('network error'));
          return;
        }

        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }

        text += decoder.decode(value, { stream: true });
        blank.lastIndex = 0;
        let end = 0;
        while (left > 0 && blank.exec(text) !== null) {
          end = blank.lastIndex;
          left--;
        }

        const whole = text.slice(0, end);
        text = text.slice(end);
        if (whole !== '') {
          seen.push(whole);
          controller.enqueue(new TextEncoder().encode(whole));
        }
      },
      cancel: () => reader.cancel(),
    });
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

export const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
