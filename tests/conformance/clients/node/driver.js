"use strict";
// Driver of ali-oss, the official Node SDK: one JSON request on each line, one JSON answer on each line. It judges nothing.

const readline = require("readline");
const OSS = require("ali-oss");
const { version } = require("ali-oss/package.json");

function client({ connect, bucket }) {
  return new OSS({
    endpoint: connect.endpoint,
    region: `oss-${connect.region}`,
    bucket,
    authorizationV4: connect.signature === "v4",
    accessKeyId: connect.id,
    accessKeySecret: connect.secret,
    stsToken: connect.token || undefined,
  });
}

const bytes = (text) => Buffer.from(text, "base64");
const tag = (headers) => headers.etag.replace(/"/g, "");

function wanted(request) {
  const headers = {};
  if (request.range) headers.Range = `bytes=${request.range[0]}-${request.range[1]}`;
  if (request.if_none_match) headers["If-None-Match"] = request.if_none_match;
  return { process: request.process, headers };
}

async function uploads(oss, prefix) {
  const { uploads: found } = await oss.listUploads({ prefix, "max-uploads": 100 });
  return (found || []).map((entry) => entry.name);
}

const operations = {
  version: async () => ({ version }),

  async put(request) {
    const { key, body, content_type: mime, meta } = request;
    const { res } = await client(request).put(key, bytes(body), { mime: mime || undefined, meta });
    return { etag: tag(res.headers) };
  },

  async get(request) {
    const { content, res } = await client(request).get(request.key, wanted(request));
    return { body: content.toString("base64"), request_id: res.headers["x-oss-request-id"] };
  },

  async get_file(request) {
    await client(request).get(request.key, request.path, wanted(request));
    return {};
  },

  async head(request) {
    const { res, meta } = await client(request).head(request.key);
    const size = Number(res.headers["content-length"]);
    return { etag: tag(res.headers), size, content_type: res.headers["content-type"], meta };
  },

  async list_keys(request) {
    const oss = client(request);
    const keys = [];
    for (let marker; ; ) {
      const query = { prefix: request.prefix, "max-keys": request.page };
      if (marker) query.marker = marker;
      const page = await oss.list(query);
      keys.push(...(page.objects || []).map((entry) => entry.name));
      if (!page.isTruncated) return { keys };
      marker = page.nextMarker;
    }
  },

  async list_v2(request) {
    const oss = client(request);
    const keys = [];
    for (let token; ; ) {
      const query = { prefix: request.prefix, "max-keys": request.page };
      if (token) query["continuation-token"] = token;
      const page = await oss.listV2(query);
      keys.push(...(page.objects || []).map((entry) => entry.name));
      if (!page.isTruncated) return { keys };
      token = page.nextContinuationToken;
    }
  },

  async delete(request) {
    await client(request).delete(request.key);
    return {};
  },

  async delete_many(request) {
    const { deleted } = await client(request).deleteMulti(request.keys);
    return { deleted: deleted.map((entry) => entry.Key) };
  },

  async copy(request) {
    const { data } = await client(request).copy(request.target, request.key);
    return { etag: data.etag.replace(/"/g, "") };
  },

  async presign(request) {
    const { method, key, process, expires_s: seconds, connect } = request;
    const oss = client(request);
    if (connect.signature === "v1") return { url: oss.signatureUrl(key, { method, expires: seconds, process }) };
    const queries = process ? { "x-oss-process": process } : {};
    return { url: await oss.signatureUrlV4(method, seconds, { headers: {}, queries }, key) };
  },

  async create_bucket(request) {
    await client(request).putBucket(request.bucket);
    return {};
  },

  async delete_bucket(request) {
    await client(request).deleteBucket(request.bucket);
    return {};
  },

  async bucket_info(request) {
    const { bucket } = await client(request).getBucketInfo(request.bucket);
    return { name: bucket.Name, location: bucket.Location, acl: bucket.AccessControlList.Grant };
  },

  async list_buckets(request) {
    const { buckets } = await client(request).listBuckets();
    return { names: (buckets || []).map((entry) => entry.name) };
  },

  async set_acl(request) {
    const oss = client(request);
    await oss.putBucketACL(request.bucket, request.acl);
    return { acl: (await oss.getBucketACL(request.bucket)).acl };
  },

  async multipart(request) {
    const oss = client(request);
    const { uploadId } = await oss.initMultipartUpload(request.key);
    const parts = [];
    for (const [index, part] of request.parts.entries()) {
      const content = bytes(part);
      const { etag } = await oss.uploadPart(request.key, uploadId, index + 1, content, 0, content.length);
      parts.push({ number: index + 1, etag });
    }
    const listed = (await oss.listParts(request.key, uploadId)).parts.map((part) => Number(part.PartNumber));
    const { res } = await oss.completeMultipartUpload(request.key, uploadId, parts);
    return { listed, etag: tag(res.headers) };
  },

  async multipart_abort(request) {
    const oss = client(request);
    const { uploadId } = await oss.initMultipartUpload(request.key);
    const content = Buffer.from("never to be seen");
    await oss.uploadPart(request.key, uploadId, 1, content, 0, content.length);
    const before = await uploads(oss, request.key);
    await oss.abortMultipartUpload(request.key, uploadId);
    return { before, after: await uploads(oss, request.key) };
  },

  async upload_file(request) {
    await client(request).multipartUpload(request.key, request.path, { partSize: request.part_bytes, parallel: 2 });
    return {};
  },

  async append(request) {
    const oss = client(request);
    let position = 0;
    for (const piece of request.pieces) {
      const found = await oss.append(request.key, bytes(piece), { position });
      position = Number(found.nextAppendPosition);
    }
    return { position };
  },
};

function describe(error) {
  const { name: exception, code, status, requestId, message } = error;
  return { ok: false, exception, code, status, request_id: requestId, message };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = { ok: true, ...(await operations[request.op](request)) };
    } catch (error) {
      answer = describe(error);
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main();
