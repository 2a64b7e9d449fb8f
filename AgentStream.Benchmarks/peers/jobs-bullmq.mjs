// How long a job waits from being added to its processor's first line, worker and producer each idle before.
// Arguments: port of Redis, worker or producer, count.
import { Queue, Worker } from 'bullmq';

const [redisPort, role, count] = process.argv.slice(2);
const connection = { host: '127.0.0.1', port: Number(redisPort), maxRetriesPerRequest: null };
const now = () => Number(process.hrtime.bigint() / 1000n);
if (role === 'worker') {
  const worker = new Worker('jobs', async (job) => console.log(`started ${now() - job.data.added}`), { connection });
  await worker.waitUntilReady();
  console.log('ready');
} else {
  const queue = new Queue('jobs', { connection });
  await queue.waitUntilReady();
  console.log('ready');
  for (let i = 0; i < Number(count); i++) {
    await queue.add('job', { added: now() });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await queue.close();
}
