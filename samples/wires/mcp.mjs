import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const client = new Client({ name: 'example', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost:8000/mcp')));
const result = await client.callTool(
  { name: 'researcher', arguments: { message: 'What is 17.5% of 2,340?' } }, undefined,
  { onprogress: ({ message }) => console.error(message), resetTimeoutOnProgress: true });
console.log(result.content[0].text);
await client.close();
