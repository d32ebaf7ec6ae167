/**
 * The request for a picture's faces as a program, in the forms of the manual's page on SDKs, which every client was seen
 * to work with. Keys come from the environment, as there; no program here holds a secret.
 */

import { quote } from "./api/transport.js";

/** @typedef {{endpoint: string, region: string, bucket: string, key: string, process: string}} Wanted */

/** @type {Record<string, {name: string, write: (wanted: Wanted) => string}>} */
export const SNIPPETS = {
  python: { name: "Python", write: python },
  java: { name: "Java", write: java },
  go: { name: "Go", write: go },
  php: { name: "PHP", write: php },
  node: { name: "Node", write: node },
};

/** @param {string} presigned an address made for this purpose */
export function curlSnippet(presigned) {
  return `curl ${quote(presigned)}`;
}

/** @param {Wanted} wanted */
function python({ endpoint, region, bucket, key, process }) {
  return `import os
import oss2

auth = oss2.AuthV4(os.environ["OSS_ACCESS_KEY_ID"], os.environ["OSS_ACCESS_KEY_SECRET"])
bucket = oss2.Bucket(auth, ${text(endpoint)}, ${text(bucket)}, region=${text(region)})
print(bucket.get_object(${text(key)}, process=${text(process)}).read().decode())
`;
}

/** @param {Wanted} wanted */
function java({ endpoint, region, bucket, key, process }) {
  return `import com.aliyun.oss.*;
import com.aliyun.oss.common.auth.CredentialsProviderFactory;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.model.*;

public class Faces {
    public static void main(String[] arguments) throws Exception {
        ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
        configuration.setSignatureVersion(SignVersion.V4);
        OSS client = OSSClientBuilder.create()
            .endpoint(${text(endpoint)})
            .region(${text(region)})
            .credentialsProvider(CredentialsProviderFactory.newEnvironmentVariableCredentialsProvider())
            .clientConfiguration(configuration)
            .build();
        GetObjectRequest request = new GetObjectRequest(${text(bucket)}, ${text(key)});
        request.setProcess(${text(process)});
        OSSObject answer = client.getObject(request);
        System.out.println(new String(answer.getObjectContent().readAllBytes(), "UTF-8"));
        client.shutdown();
    }
}
`;
}

/** @param {Wanted} wanted */
function go({ endpoint, region, bucket, key, process }) {
  return `package main

import (
    "io"
    "log"
    "os"

    "github.com/aliyun/aliyun-oss-go-sdk/oss"
)

func main() {
    provider, err := oss.NewEnvironmentVariableCredentialsProvider()
    check(err)
    client, err := oss.New(${text(endpoint)}, "", "",
        oss.SetCredentialsProvider(&provider), oss.AuthVersion(oss.AuthV4), oss.Region(${text(region)}))
    check(err)
    bucket, err := client.Bucket(${text(bucket)})
    check(err)
    body, err := bucket.GetObject(${text(key)}, oss.Process(${text(process)}))
    check(err)
    defer body.Close()
    _, err = io.Copy(os.Stdout, body)
    check(err)
}

func check(err error) {
    if err != nil {
        log.Fatal(err)
    }
}
`;
}

/** @param {Wanted} wanted */
function php({ endpoint, region, bucket, key, process }) {
  return `<?php
require "vendor/autoload.php";

use OSS\\Credentials\\EnvironmentVariableCredentialsProvider;
use OSS\\OssClient;

$client = new OssClient([
    "provider" => new EnvironmentVariableCredentialsProvider(),
    "endpoint" => ${phpText(endpoint)},
    "signatureVersion" => OssClient::OSS_SIGNATURE_VERSION_V4,
    "region" => ${phpText(region)},
]);
echo $client->getObject(${phpText(bucket)}, ${phpText(key)}, [OssClient::OSS_PROCESS => ${phpText(process)}]);
`;
}

/** @param {Wanted} wanted */
function node({ endpoint, region, bucket, key, process }) {
  return `const OSS = require("ali-oss");

const client = new OSS({
  endpoint: ${text(endpoint)},
  region: ${text(`oss-${region}`)},
  bucket: ${text(bucket)},
  authorizationV4: true,
  accessKeyId: process.env.OSS_ACCESS_KEY_ID,
  accessKeySecret: process.env.OSS_ACCESS_KEY_SECRET,
});

client.get(${text(key)}, { process: ${text(process)} }).then((answer) => console.log(answer.content.toString()));
`;
}

/** A literal of Python, Java, Go and JavaScript, which agree on these escapes. @param {string} value */
function text(value) {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** In PHP a dollar sign within double quotes names a variable. @param {string} value */
function phpText(value) {
  return /["$\\]/.test(value) ? `'${value.replace(/[\\']/g, "\\$&")}'` : `"${value}"`;
}
