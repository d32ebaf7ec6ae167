"""oss-faces: a self-hosted answer to OSS image/faces."""
