// Driver of the official Go SDK, version 1: one JSON request on each line, one JSON answer on each line. It judges nothing.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

type connect struct {
	Endpoint, ID, Secret, Signature, Token, Region string
}

type request struct {
	Op          string
	Connect     connect
	Bucket      string
	Key         string
	Target      string
	Process     string
	Body        []byte
	ContentType string `json:"content_type"`
	Meta        map[string]string
	Path        string
	Range       []int64
	IfNoneMatch string `json:"if_none_match"`
	Prefix      string
	Page        int
	Keys        []string
	Method      string
	ExpiresS    int64 `json:"expires_s"`
	URL         string
	ACL         string
	Parts       [][]byte
	Pieces      [][]byte
	PartBytes   int64 `json:"part_bytes"`
}

type answer map[string]any

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
			found, err = asked.answer()
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

func (r request) answer() (answer, error) {
	if r.Op == "version" {
		return answer{"version": oss.Version}, nil
	}
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	bucket, err := client.Bucket(r.Bucket)
	if err != nil {
		return nil, err
	}
	switch r.Op {
	case "put":
		return r.put(bucket)
	case "get":
		return body(bucket.GetObject(r.Key, r.options()...))
	case "get_file":
		return answer{}, bucket.GetObjectToFile(r.Key, r.Path, r.options()...)
	case "head":
		return r.head(bucket)
	case "list_keys":
		return r.listKeys(bucket)
	case "list_v2":
		return r.listV2(bucket)
	case "delete":
		return answer{}, bucket.DeleteObject(r.Key)
	case "delete_many":
		found, err := bucket.DeleteObjects(r.Keys)
		return answer{"deleted": found.DeletedObjects}, err
	case "copy":
		found, err := bucket.CopyObject(r.Key, r.Target)
		return answer{"etag": strings.Trim(found.ETag, `"`)}, err
	case "presign":
		url, err := bucket.SignURL(r.Key, oss.HTTPMethod(r.Method), r.ExpiresS, r.options()...)
		return answer{"url": url}, err
	case "get_url":
		return body(bucket.GetObjectWithURL(r.URL))
	case "create_bucket":
		return answer{}, client.CreateBucket(r.Bucket)
	case "delete_bucket":
		return answer{}, client.DeleteBucket(r.Bucket)
	case "bucket_info":
		found, err := client.GetBucketInfo(r.Bucket)
		info := found.BucketInfo
		return answer{"name": info.Name, "location": info.Location, "acl": info.ACL}, err
	case "list_buckets":
		found, err := client.ListBuckets()
		names := []string{}
		for _, entry := range found.Buckets {
			names = append(names, entry.Name)
		}
		return answer{"names": names}, err
	case "set_acl":
		if err := client.SetBucketACL(r.Bucket, oss.ACLType(r.ACL)); err != nil {
			return nil, err
		}
		found, err := client.GetBucketACL(r.Bucket)
		return answer{"acl": found.ACL}, err
	case "multipart":
		return r.multipart(bucket)
	case "multipart_abort":
		return r.abort(bucket)
	case "upload_file":
		return answer{}, bucket.UploadFile(r.Key, r.Path, r.PartBytes, oss.Routines(2))
	case "append":
		var position int64
		for _, piece := range r.Pieces {
			position, err = bucket.AppendObject(r.Key, bytes.NewReader(piece), position)
			if err != nil {
				return nil, err
			}
		}
		return answer{"position": position}, nil
	}
	return nil, fmt.Errorf("unknown operation %q", r.Op)
}

func (r request) client() (*oss.Client, error) {
	version := oss.AuthV4
	if r.Connect.Signature == "v1" {
		version = oss.AuthV1
	}
	options := []oss.ClientOption{oss.Region(r.Connect.Region), oss.AuthVersion(version)}
	if r.Connect.Token != "" {
		options = append(options, oss.SecurityToken(r.Connect.Token))
	}
	return oss.New(r.Connect.Endpoint, r.Connect.ID, r.Connect.Secret, options...)
}

func (r request) options() []oss.Option {
	var options []oss.Option
	if r.Process != "" {
		options = append(options, oss.Process(r.Process))
	}
	if r.IfNoneMatch != "" {
		options = append(options, oss.IfNoneMatch(r.IfNoneMatch))
	}
	if r.Range != nil {
		options = append(options, oss.Range(r.Range[0], r.Range[1]))
	}
	return options
}

func (r request) put(bucket *oss.Bucket) (answer, error) {
	var headers http.Header
	options := []oss.Option{oss.GetResponseHeader(&headers)}
	if r.ContentType != "" {
		options = append(options, oss.ContentType(r.ContentType))
	}
	for name, value := range r.Meta {
		options = append(options, oss.Meta(name, value))
	}
	err := bucket.PutObject(r.Key, bytes.NewReader(r.Body), options...)
	return answer{"etag": strings.Trim(headers.Get("ETag"), `"`)}, err
}

func (r request) head(bucket *oss.Bucket) (answer, error) {
	headers, err := bucket.GetObjectDetailedMeta(r.Key)
	if err != nil {
		return nil, err
	}
	meta := map[string]string{}
	for name := range headers {
		if strings.HasPrefix(name, oss.HTTPHeaderOssMetaPrefix) {
			meta[strings.ToLower(strings.TrimPrefix(name, oss.HTTPHeaderOssMetaPrefix))] = headers.Get(name)
		}
	}
	size, err := strconv.Atoi(headers.Get("Content-Length"))
	etag := strings.Trim(headers.Get("ETag"), `"`)
	return answer{"etag": etag, "size": size, "content_type": headers.Get("Content-Type"), "meta": meta}, err
}

func (r request) listKeys(bucket *oss.Bucket) (answer, error) {
	keys, marker := []string{}, ""
	for {
		page, err := bucket.ListObjects(oss.Prefix(r.Prefix), oss.MaxKeys(r.Page), oss.Marker(marker))
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Objects {
			keys = append(keys, entry.Key)
		}
		if !page.IsTruncated {
			return answer{"keys": keys}, nil
		}
		marker = page.NextMarker
	}
}

func (r request) listV2(bucket *oss.Bucket) (answer, error) {
	keys, token := []string{}, ""
	for {
		page, err := bucket.ListObjectsV2(oss.Prefix(r.Prefix), oss.MaxKeys(r.Page), oss.ContinuationToken(token))
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Objects {
			keys = append(keys, entry.Key)
		}
		if !page.IsTruncated {
			return answer{"keys": keys}, nil
		}
		token = page.NextContinuationToken
	}
}

func (r request) multipart(bucket *oss.Bucket) (answer, error) {
	upload, err := bucket.InitiateMultipartUpload(r.Key)
	if err != nil {
		return nil, err
	}
	var parts []oss.UploadPart
	for index, content := range r.Parts {
		part, err := bucket.UploadPart(upload, bytes.NewReader(content), int64(len(content)), index+1)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	found, err := bucket.ListUploadedParts(upload)
	if err != nil {
		return nil, err
	}
	listed := []int{}
	for _, part := range found.UploadedParts {
		listed = append(listed, part.PartNumber)
	}
	done, err := bucket.CompleteMultipartUpload(upload, parts)
	return answer{"listed": listed, "etag": strings.Trim(done.ETag, `"`)}, err
}

func (r request) abort(bucket *oss.Bucket) (answer, error) {
	upload, err := bucket.InitiateMultipartUpload(r.Key)
	if err != nil {
		return nil, err
	}
	content := "never to be seen"
	if _, err := bucket.UploadPart(upload, strings.NewReader(content), int64(len(content)), 1); err != nil {
		return nil, err
	}
	before, err := r.uploads(bucket)
	if err != nil {
		return nil, err
	}
	if err := bucket.AbortMultipartUpload(upload); err != nil {
		return nil, err
	}
	after, err := r.uploads(bucket)
	return answer{"before": before, "after": after}, err
}

func (r request) uploads(bucket *oss.Bucket) ([]string, error) {
	found, err := bucket.ListMultipartUploads(oss.Prefix(r.Key))
	keys := []string{}
	for _, entry := range found.Uploads {
		keys = append(keys, entry.Key)
	}
	return keys, err
}

func body(stream io.ReadCloser, err error) (answer, error) {
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	content, err := io.ReadAll(stream)
	return answer{"body": content}, err
}

func describe(err error) answer {
	found := answer{"ok": false, "exception": fmt.Sprintf("%T", err), "message": err.Error()}
	var told oss.ServiceError
	if errors.As(err, &told) {
		found["code"], found["status"] = told.Code, told.StatusCode
		found["request_id"], found["message"] = told.RequestID, told.Message
	}
	return found
}
