// @vladmandic/human under Node, on its WebAssembly backend: the native one downloads a library when it is installed.
// Answers the same questions as benchmarks/peers/answering.py. The first argument is the folder of the installed packages.
'use strict';

const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');

const modules = path.join(process.argv[2], 'node_modules');
const load = createRequire(path.join(process.argv[2], 'package.json'));
const out = fs.createWriteStream(null, { fd: 1 });
console.log = console.error;
console.info = console.error;

// Networks and the WebAssembly module lie on the disk, and Node's fetch reads no files.
const viaNetwork = globalThis.fetch;
globalThis.fetch = async (address, options) => {
  const url = String(address && address.url ? address.url : address);
  if (!url.startsWith('file://')) return viaNetwork(address, options);
  return new Response(fs.readFileSync(new URL(url)));
};

const FACES_MAX = 50;
const UNSURE = 0.02;

// Its boxes are made 1.4 times as large for the networks behind; labelled boxes are judged at their own size.
const ENLARGED = 1.4;

function settings(recording, confidence, scale = ENLARGED) {
  const off = { enabled: false };
  const on = { enabled: recording };
  return {
    backend: 'wasm',
    wasmPath: path.join(modules, '@tensorflow', 'tfjs-backend-wasm', 'dist') + path.sep,
    modelBasePath: `file://${path.join(modules, '@vladmandic', 'human', 'models')}/`,
    debug: false,
    cacheSensitivity: 0,
    filter: off, gesture: off, body: off, hand: off, object: off, segmentation: off,
    face: {
      enabled: true,
      detector: { maxDetected: FACES_MAX, minConfidence: confidence, scale, rotation: false, skipFrames: 0, skipTime: 0 },
      mesh: on, iris: off, description: { ...on, skipFrames: 0, skipTime: 0 },
      emotion: { ...on, skipFrames: 0, skipTime: 0 }, antispoof: off, liveness: off,
    },
  };
}

async function main() {
  const sharp = load('sharp');
  sharp.concurrency(1);
  const { default: Human } = load(path.join(modules, '@vladmandic', 'human', 'dist', 'human.node-wasm.js'));
  const humans = {
    records: new Human(settings(true, 0.2)),
    detect: new Human(settings(false, 0.2)),
    boxes: new Human(settings(false, UNSURE, 1.0)),
  };
  for (const human of Object.values(humans)) await human.load();

  async function look(task, file) {
    const human = humans[task];
    const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const tensor = human.tf.tensor(data, [1, info.height, info.width, 3], 'int32');
    try {
      const result = await human.detect(tensor);
      if (result.error) throw new Error(result.error);
      return result.face;
    } finally {
      human.tf.dispose(tensor);
    }
  }

  async function answer(question) {
    if (question.task === 'fields') {
      const faces = await look('records', question.file);
      return { faces: faces.map((face) => ({
        box: face.box, score: face.score, age: face.age, gender: face.gender,
        emotion: face.emotion && face.emotion[0] && face.emotion[0].emotion,
        embedding: face.embedding && face.embedding.length, mesh: face.mesh && face.mesh.length,
        rotation: face.rotation && face.rotation.angle,
      })) };
    }
    if (question.task === 'boxes') {
      const boxes = [];
      for (const file of question.files) {
        const faces = await look('boxes', file);
        boxes.push(faces.map(({ box: [x, y, w, h], boxScore, score }) => [x, y, x + w, y + h, boxScore || score]));
      }
      return { boxes };
    }
    const seconds = [];
    const cpu = process.cpuUsage();
    const started = performance.now();
    let before = started;
    while (!seconds.length || before - started < 1000 * question.seconds) {
      await look(question.task, question.files[seconds.length % question.files.length]);
      const now = performance.now();
      seconds.push((now - before) / 1000);
      before = now;
    }
    const used = process.cpuUsage(cpu);
    return {
      done: seconds.length, elapsed_s: (before - started) / 1000, cpu_s: (used.user + used.system) / 1e6, seconds,
    };
  }

  const say = (message) => out.write(`${JSON.stringify(message)}\n`);
  say({ version: humans.records.version, backend: humans.records.tf.getBackend() });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    say(await answer(JSON.parse(line)).catch((error) => ({ error: String(error).slice(0, 300) })));
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
