// Driver of the official Go SDK, version 2: one JSON request on each line, one JSON answer on each line. It judges nothing.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
)

type connect struct {
	Endpoint, ID, Secret, Signature, Token, Region string
}

type request struct {
	Op          string
	Connect     connect
	Bucket      *string
	Key         *string
	Target      string
	Process     *string
	Body        []byte
	ContentType string `json:"content_type"`
	Meta        map[string]string
	Path        string
	Range       []int64
	IfNoneMatch *string `json:"if_none_match"`
	Prefix      *string
	Page        int32
	Keys        []string
	Method      string
	ExpiresS    int64 `json:"expires_s"`
	ACL         string
	Parts       [][]byte
	Pieces      [][]byte
	PartBytes   int64 `json:"part_bytes"`
}

type answer map[string]any

var background = context.Background()

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		var found answer
		err = json.Unmarshal(line, &asked)
		if err == nil {
			found, err = asked.answer(asked.Connect.client())
		}
		if err != nil {
			found = describe(err)
		} else {
			found["ok"] = true
		}
		if err := out.Encode(found); err != nil {
			panic(err)
		}
	}
}

func (c connect) client() *oss.Client {
	config := oss.LoadDefaultConfig().WithRegion(c.Region).WithEndpoint(c.Endpoint)
	switch c.Signature {
	case "anonymous":
		config.WithCredentialsProvider(credentials.NewAnonymousCredentialsProvider())
	case "v1":
		config.WithSignatureVersion(oss.SignatureVersionV1)
		fallthrough
	default:
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(c.ID, c.Secret, c.Token))
	}
	return oss.NewClient(config)
}

func (r request) answer(client *oss.Client) (answer, error) {
	switch r.Op {
	case "version":
		return answer{"version": oss.Version()}, nil
	case "put":
		return r.put(client)
	case "get":
		return r.get(client)
	case "get_file":
		_, err := client.GetObjectToFile(background, r.wanted(), r.Path)
		return answer{}, err
	case "head":
		return r.head(client)
	case "list_keys":
		return r.listKeys(client)
	case "list_v2":
		return r.listV2(client)
	case "delete":
		_, err := client.DeleteObject(background, &oss.DeleteObjectRequest{Bucket: r.Bucket, Key: r.Key})
		return answer{}, err
	case "delete_many":
		return r.deleteMany(client)
	case "copy":
		found, err := client.CopyObject(background, &oss.CopyObjectRequest{
			Bucket: r.Bucket, Key: &r.Target, SourceBucket: r.Bucket, SourceKey: r.Key})
		if err != nil {
			return nil, err
		}
		return answer{"etag": strings.Trim(*found.ETag, `"`)}, nil
	case "presign":
		return r.presign(client)
	case "create_bucket":
		_, err := client.PutBucket(background, &oss.PutBucketRequest{Bucket: r.Bucket})
		return answer{}, err
	case "delete_bucket":
		_, err := client.DeleteBucket(background, &oss.DeleteBucketRequest{Bucket: r.Bucket})
		return answer{}, err
	case "bucket_info":
		found, err := client.GetBucketInfo(background, &oss.GetBucketInfoRequest{Bucket: r.Bucket})
		if err != nil {
			return nil, err
		}
		info := found.BucketInfo
		return answer{"name": info.Name, "location": info.Location, "acl": info.ACL}, nil
	case "list_buckets":
		found, err := client.ListBuckets(background, &oss.ListBucketsRequest{})
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, entry := range found.Buckets {
			names = append(names, *entry.Name)
		}
		return answer{"names": names}, nil
	case "set_acl":
		acl := oss.BucketACLType(r.ACL)
		if _, err := client.PutBucketAcl(background, &oss.PutBucketAclRequest{Bucket: r.Bucket, Acl: acl}); err != nil {
			return nil, err
		}
		found, err := client.GetBucketAcl(background, &oss.GetBucketAclRequest{Bucket: r.Bucket})
		if err != nil {
			return nil, err
		}
		return answer{"acl": found.ACL}, nil
	case "multipart":
		return r.multipart(client)
	case "multipart_abort":
		return r.abort(client)
	case "upload_file":
		wanted := &oss.PutObjectRequest{Bucket: r.Bucket, Key: r.Key}
		size := func(options *oss.UploaderOptions) { options.PartSize = r.PartBytes }
		_, err := client.NewUploader(size).UploadFile(background, wanted, r.Path)
		return answer{}, err
	case "append":
		return r.append(client)
	}
	return nil, fmt.Errorf("unknown operation %q", r.Op)
}

func (r request) wanted() *oss.GetObjectRequest {
	wanted := &oss.GetObjectRequest{Bucket: r.Bucket, Key: r.Key, Process: r.Process, IfNoneMatch: r.IfNoneMatch}
	if r.Range != nil {
		wanted.Range = oss.Ptr(fmt.Sprintf("bytes=%d-%d", r.Range[0], r.Range[1]))
	}
	return wanted
}

func (r request) put(client *oss.Client) (answer, error) {
	wanted := &oss.PutObjectRequest{Bucket: r.Bucket, Key: r.Key, Body: bytes.NewReader(r.Body), Metadata: r.Meta}
	if r.ContentType != "" {
		wanted.ContentType = &r.ContentType
	}
	found, err := client.PutObject(background, wanted)
	if err != nil {
		return nil, err
	}
	return answer{"etag": strings.Trim(*found.ETag, `"`)}, nil
}

func (r request) get(client *oss.Client) (answer, error) {
	found, err := client.GetObject(background, r.wanted())
	if err != nil {
		return nil, err
	}
	defer found.Body.Close()
	content, err := io.ReadAll(found.Body)
	return answer{"body": content}, err
}

func (r request) head(client *oss.Client) (answer, error) {
	found, err := client.HeadObject(background, &oss.HeadObjectRequest{Bucket: r.Bucket, Key: r.Key})
	if err != nil {
		return nil, err
	}
	meta := map[string]string{}
	for name, value := range found.Metadata {
		meta[strings.ToLower(name)] = value
	}
	etag := strings.Trim(*found.ETag, `"`)
	return answer{"etag": etag, "size": found.ContentLength, "content_type": found.ContentType, "meta": meta}, nil
}

func (r request) listKeys(client *oss.Client) (answer, error) {
	keys := []string{}
	pages := client.NewListObjectsPaginator(
		&oss.ListObjectsRequest{Bucket: r.Bucket, Prefix: r.Prefix, MaxKeys: r.Page})
	for pages.HasNext() {
		page, err := pages.NextPage(background)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Contents {
			keys = append(keys, *entry.Key)
		}
	}
	return answer{"keys": keys}, nil
}

func (r request) listV2(client *oss.Client) (answer, error) {
	keys := []string{}
	pages := client.NewListObjectsV2Paginator(
		&oss.ListObjectsV2Request{Bucket: r.Bucket, Prefix: r.Prefix, MaxKeys: r.Page})
	for pages.HasNext() {
		page, err := pages.NextPage(background)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Contents {
			keys = append(keys, *entry.Key)
		}
	}
	return answer{"keys": keys}, nil
}

func (r request) deleteMany(client *oss.Client) (answer, error) {
	var objects []oss.DeleteObject
	for index := range r.Keys {
		objects = append(objects, oss.DeleteObject{Key: &r.Keys[index]})
	}
	found, err := client.DeleteMultipleObjects(background,
		&oss.DeleteMultipleObjectsRequest{Bucket: r.Bucket, Objects: objects})
	if err != nil {
		return nil, err
	}
	deleted := []string{}
	for _, entry := range found.DeletedObjects {
		deleted = append(deleted, *entry.Key)
	}
	return answer{"deleted": deleted}, nil
}

func (r request) presign(client *oss.Client) (answer, error) {
	var wanted any = r.wanted()
	if r.Method == "PUT" {
		wanted = &oss.PutObjectRequest{Bucket: r.Bucket, Key: r.Key}
	}
	found, err := client.Presign(background, wanted, oss.PresignExpires(time.Duration(r.ExpiresS)*time.Second))
	if err != nil {
		return nil, err
	}
	return answer{"url": found.URL}, nil
}

func (r request) multipart(client *oss.Client) (answer, error) {
	begun, err := client.InitiateMultipartUpload(background,
		&oss.InitiateMultipartUploadRequest{Bucket: r.Bucket, Key: r.Key})
	if err != nil {
		return nil, err
	}
	var parts []oss.UploadPart
	for index, content := range r.Parts {
		number := int32(index + 1)
		sent, err := client.UploadPart(background, &oss.UploadPartRequest{Bucket: r.Bucket, Key: r.Key,
			UploadId: begun.UploadId, PartNumber: number, Body: bytes.NewReader(content)})
		if err != nil {
			return nil, err
		}
		parts = append(parts, oss.UploadPart{PartNumber: number, ETag: sent.ETag})
	}
	found, err := client.ListParts(background,
		&oss.ListPartsRequest{Bucket: r.Bucket, Key: r.Key, UploadId: begun.UploadId})
	if err != nil {
		return nil, err
	}
	listed := []int32{}
	for _, part := range found.Parts {
		listed = append(listed, part.PartNumber)
	}
	done, err := client.CompleteMultipartUpload(background, &oss.CompleteMultipartUploadRequest{Bucket: r.Bucket,
		Key: r.Key, UploadId: begun.UploadId, CompleteMultipartUpload: &oss.CompleteMultipartUpload{Parts: parts}})
	if err != nil {
		return nil, err
	}
	return answer{"listed": listed, "etag": strings.Trim(*done.ETag, `"`)}, nil
}

func (r request) abort(client *oss.Client) (answer, error) {
	begun, err := client.InitiateMultipartUpload(background,
		&oss.InitiateMultipartUploadRequest{Bucket: r.Bucket, Key: r.Key})
	if err != nil {
		return nil, err
	}
	if _, err := client.UploadPart(background, &oss.UploadPartRequest{Bucket: r.Bucket, Key: r.Key,
		UploadId: begun.UploadId, PartNumber: 1, Body: strings.NewReader("never to be seen")}); err != nil {
		return nil, err
	}
	before, err := r.uploads(client)
	if err != nil {
		return nil, err
	}
	if _, err := client.AbortMultipartUpload(background,
		&oss.AbortMultipartUploadRequest{Bucket: r.Bucket, Key: r.Key, UploadId: begun.UploadId}); err != nil {
		return nil, err
	}
	after, err := r.uploads(client)
	return answer{"before": before, "after": after}, err
}

func (r request) uploads(client *oss.Client) ([]string, error) {
	found, err := client.ListMultipartUploads(background,
		&oss.ListMultipartUploadsRequest{Bucket: r.Bucket, Prefix: r.Key})
	if err != nil {
		return nil, err
	}
	keys := []string{}
	for _, entry := range found.Uploads {
		keys = append(keys, *entry.Key)
	}
	return keys, nil
}

func (r request) append(client *oss.Client) (answer, error) {
	var position int64
	for _, piece := range r.Pieces {
		found, err := client.AppendObject(background, &oss.AppendObjectRequest{
			Bucket: r.Bucket, Key: r.Key, Position: oss.Ptr(position), Body: bytes.NewReader(piece)})
		if err != nil {
			return nil, err
		}
		position = found.NextPosition
	}
	return answer{"position": position}, nil
}

func describe(err error) answer {
	var told *oss.ServiceError
	if !errors.As(err, &told) {
		return answer{"ok": false, "exception": fmt.Sprintf("%T", err), "message": err.Error()}
	}
	return answer{"ok": false, "exception": fmt.Sprintf("%T", told), "outer": fmt.Sprintf("%T", err), "code": told.Code,
		"status": told.StatusCode, "request_id": told.RequestID, "message": told.Message}
}
