// A reporter for node --test: one line of JSON for each test, which the .NET tests show as a test of its own
// (AgentStream.Tests/Web/ScriptTests.cs).
import { basename } from 'node:path';
import { inspect } from 'node:util';

export default async function* lines(events) {
  for await (const { type, data } of events) {
    if (type === 'test:pass' || type === 'test:fail') {
      const failure = type === 'test:fail' && !data.todo ? inspect(data.details.error) : null;
      yield `${JSON.stringify({ file: basename(data.file ?? ''), name: data.name, failure })}\n`;
    }
  }
}
