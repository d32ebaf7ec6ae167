import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.HttpMethod;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.BasicCredentials;
import com.aliyun.oss.common.auth.Credentials;
import com.aliyun.oss.common.auth.CredentialsProvider;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.common.utils.VersionInfoUtils;
import com.aliyun.oss.model.*;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Driver of the official Java SDK: one JSON request on each line, one JSON answer on each line. It judges nothing. */
public class Driver {
    private static final Map<String, OSS> clients = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        Gson gson = new Gson();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject request = gson.fromJson(line, JsonObject.class);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("ok", true);
            try {
                answer.putAll(new Driver(request).answer());
            } catch (Throwable error) {
                answer = describe(error);
            }
            out.println(gson.toJson(answer));
        }
        System.exit(0);
    }

    private final JsonObject request;
    private final JsonObject connect;
    private final String bucket;
    private final String key;

    private Driver(JsonObject request) {
        this.request = request;
        this.connect = request.getAsJsonObject("connect");
        this.bucket = text("bucket");
        this.key = text("key");
    }

    private Map<String, Object> answer() throws Throwable {
        OSS oss = client();
        switch (text("op")) {
            case "version": return Map.of("version", VersionInfoUtils.getVersion());
            case "put": return put(oss);
            case "get": return get(oss);
            case "get_file":
                oss.getObject(wanted(), new File(text("path")));
                return Map.of();
            case "head": return head(oss);
            case "list_keys": return Map.of("keys", listKeys(oss));
            case "list_v2": return Map.of("keys", listKeysV2(oss));
            case "delete":
                oss.deleteObject(bucket, key);
                return Map.of();
            case "delete_many":
                DeleteObjectsRequest several = new DeleteObjectsRequest(bucket).withKeys(texts("keys"));
                several.setEncodingType("url");
                List<String> deleted = new ArrayList<>();
                for (String name : oss.deleteObjects(several).getDeletedObjects()) {
                    deleted.add(java.net.URLDecoder.decode(name, "UTF-8"));
                }
                return Map.of("deleted", deleted);
            case "copy": return Map.of("etag", oss.copyObject(bucket, key, bucket, text("target")).getETag());
            case "presign": return Map.of("url", presign(oss).toString());
            case "get_url":
                InputStream found = oss.getObject(new URL(text("url")), Collections.emptyMap()).getObjectContent();
                return Map.of("body", encoded(found.readAllBytes()));
            case "create_bucket":
                oss.createBucket(bucket);
                return Map.of();
            case "delete_bucket":
                oss.deleteBucket(bucket);
                return Map.of();
            case "bucket_info":
                BucketInfo info = oss.getBucketInfo(bucket);
                return Map.of(
                    "name", info.getBucket().getName(),
                    "location", info.getBucket().getLocation(),
                    "acl", info.getCannedACL().toString());
            case "list_buckets":
                List<String> names = new ArrayList<>();
                for (Bucket entry : oss.listBuckets()) names.add(entry.getName());
                return Map.of("names", names);
            case "set_acl":
                oss.setBucketAcl(bucket, CannedAccessControlList.parse(text("acl")));
                return Map.of("acl", oss.getBucketAcl(bucket).getCannedACL().toString());
            case "multipart": return multipart(oss);
            case "multipart_abort": return abort(oss);
            case "upload_file":
                UploadFileRequest upload = new UploadFileRequest(bucket, key);
                upload.setUploadFile(text("path"));
                upload.setPartSize(request.get("part_bytes").getAsLong());
                upload.setTaskNum(2);
                oss.uploadFile(upload);
                return Map.of();
            case "append":
                long position = 0;
                for (String piece : texts("pieces")) {
                    InputStream content = new ByteArrayInputStream(Base64.getDecoder().decode(piece));
                    AppendObjectRequest next = new AppendObjectRequest(bucket, key, content);
                    position = oss.appendObject(next.withPosition(position)).getNextPosition();
                }
                return Map.of("position", position);
            default: throw new IllegalArgumentException("unknown operation");
        }
    }

    private Map<String, Object> put(OSS oss) {
        byte[] content = Base64.getDecoder().decode(text("body"));
        ObjectMetadata metadata = new ObjectMetadata();
        metadata.setContentLength(content.length);
        if (!text("content_type").isEmpty()) metadata.setContentType(text("content_type"));
        for (Map.Entry<String, JsonElement> entry : request.getAsJsonObject("meta").entrySet()) {
            metadata.addUserMetadata(entry.getKey(), entry.getValue().getAsString());
        }
        return Map.of("etag", oss.putObject(bucket, key, new ByteArrayInputStream(content), metadata).getETag());
    }

    private Map<String, Object> get(OSS oss) throws Exception {
        OSSObject found = oss.getObject(wanted());
        String id = found.getRequestId();
        return Map.of("body", encoded(found.getObjectContent().readAllBytes()), "request_id", id);
    }

    private GetObjectRequest wanted() {
        GetObjectRequest wanted = new GetObjectRequest(bucket, key);
        if (!text("process").isEmpty()) wanted.setProcess(text("process"));
        if (!text("if_none_match").isEmpty()) {
            wanted.setNonmatchingETagConstraints(List.of(text("if_none_match")));
        }
        if (request.has("range")) {
            JsonArray range = request.getAsJsonArray("range");
            wanted.setRange(range.get(0).getAsLong(), range.get(1).getAsLong());
        }
        return wanted;
    }

    private Map<String, Object> head(OSS oss) {
        ObjectMetadata found = oss.headObject(bucket, key);
        return Map.of(
            "etag", found.getETag(),
            "size", found.getContentLength(),
            "content_type", found.getContentType(),
            "meta", found.getUserMetadata());
    }

    private List<String> listKeys(OSS oss) {
        List<String> keys = new ArrayList<>();
        ListObjectsRequest wanted = new ListObjectsRequest(bucket);
        wanted.setPrefix(text("prefix"));
        wanted.setMaxKeys(request.get("page").getAsInt());
        for (ObjectListing page = oss.listObjects(wanted); ; page = oss.listObjects(wanted)) {
            for (OSSObjectSummary entry : page.getObjectSummaries()) keys.add(entry.getKey());
            if (!page.isTruncated()) return keys;
            wanted.setMarker(page.getNextMarker());
        }
    }

    private List<String> listKeysV2(OSS oss) {
        List<String> keys = new ArrayList<>();
        ListObjectsV2Request wanted = new ListObjectsV2Request(bucket, text("prefix"));
        wanted.setMaxKeys(request.get("page").getAsInt());
        for (ListObjectsV2Result page = oss.listObjectsV2(wanted); ; page = oss.listObjectsV2(wanted)) {
            for (OSSObjectSummary entry : page.getObjectSummaries()) keys.add(entry.getKey());
            if (!page.isTruncated()) return keys;
            wanted.setContinuationToken(page.getNextContinuationToken());
        }
    }

    private URL presign(OSS oss) {
        HttpMethod method = HttpMethod.valueOf(text("method"));
        GeneratePresignedUrlRequest wanted = new GeneratePresignedUrlRequest(bucket, key, method);
        wanted.setExpiration(new Date(System.currentTimeMillis() + 1000L * request.get("expires_s").getAsLong()));
        if (!text("process").isEmpty()) wanted.setProcess(text("process"));
        return oss.generatePresignedUrl(wanted);
    }

    private Map<String, Object> multipart(OSS oss) {
        String upload = oss.initiateMultipartUpload(new InitiateMultipartUploadRequest(bucket, key)).getUploadId();
        List<PartETag> parts = new ArrayList<>();
        for (String part : texts("parts")) {
            byte[] content = Base64.getDecoder().decode(part);
            parts.add(sendPart(oss, upload, parts.size() + 1, content));
        }
        List<Integer> listed = new ArrayList<>();
        for (PartSummary part : oss.listParts(new ListPartsRequest(bucket, key, upload)).getParts()) {
            listed.add(part.getPartNumber());
        }
        CompleteMultipartUploadRequest end = new CompleteMultipartUploadRequest(bucket, key, upload, parts);
        return Map.of("listed", listed, "etag", oss.completeMultipartUpload(end).getETag());
    }

    private PartETag sendPart(OSS oss, String upload, int number, byte[] content) {
        InputStream stream = new ByteArrayInputStream(content);
        return oss.uploadPart(new UploadPartRequest(bucket, key, upload, number, stream, content.length)).getPartETag();
    }

    private Map<String, Object> abort(OSS oss) {
        String upload = oss.initiateMultipartUpload(new InitiateMultipartUploadRequest(bucket, key)).getUploadId();
        sendPart(oss, upload, 1, "never to be seen".getBytes(StandardCharsets.UTF_8));
        List<String> before = uploads(oss);
        oss.abortMultipartUpload(new AbortMultipartUploadRequest(bucket, key, upload));
        return Map.of("before", before, "after", uploads(oss));
    }

    private List<String> uploads(OSS oss) {
        ListMultipartUploadsRequest wanted = new ListMultipartUploadsRequest(bucket);
        wanted.setPrefix(key);
        List<String> keys = new ArrayList<>();
        for (MultipartUpload entry : oss.listMultipartUploads(wanted).getMultipartUploads()) keys.add(entry.getKey());
        return keys;
    }

    private OSS client() {
        return clients.computeIfAbsent(connect.toString(), unused -> {
            String signature = connect.get("signature").getAsString();
            String token = connect.get("token").getAsString();
            Credentials credentials = new BasicCredentials(
                connect.get("id").getAsString(), connect.get("secret").getAsString(), token.isEmpty() ? null : token);
            ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
            configuration.setSignatureVersion(signature.equals("v1") ? SignVersion.V1 : SignVersion.V4);
            return OSSClientBuilder.create()
                .endpoint(connect.get("endpoint").getAsString())
                .region(connect.get("region").getAsString())
                .credentialsProvider(provider(credentials))
                .clientConfiguration(configuration)
                .build();
        });
    }

    private static CredentialsProvider provider(Credentials credentials) {
        return new CredentialsProvider() {
            @Override
            public void setCredentials(Credentials unused) {}

            @Override
            public Credentials getCredentials() {
                return credentials;
            }
        };
    }

    private static Map<String, Object> describe(Throwable error) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("ok", false);
        answer.put("exception", error.getClass().getName());
        answer.put("message", error.getMessage());
        if (error instanceof OSSException) {
            OSSException told = (OSSException) error;
            answer.put("code", told.getErrorCode());
            answer.put("request_id", told.getRequestId());
            answer.put("message", told.getErrorMessage());
        }
        return answer;
    }

    private String text(String name) {
        return request.has(name) && !request.get(name).isJsonNull() ? request.get(name).getAsString() : "";
    }

    private List<String> texts(String name) {
        List<String> values = new ArrayList<>();
        for (JsonElement value : request.getAsJsonArray(name)) values.add(value.getAsString());
        return values;
    }

    private static String encoded(byte[] content) {
        return Base64.getEncoder().encodeToString(content);
    }
}
