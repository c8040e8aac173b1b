//! What the vendor has and this server has not: asking for it is an error that says so, under both prefixes.

/// Paths below the prefix, and what they would lead to.
pub(crate) const ABSENT: [(&str, &str); 9] = [
    ("/services/{service}/bindings", "VPC bindings"),
    ("/services/{service}/bindings/{vpc}", "VPC bindings"),
    ("/services/{service}/functions/{function}/event-sources", "event sources"),
    ("/services/{service}/functions/{function}/event-sources/{arn}", "event sources"),
    ("/gpuInstances", "GPU instances"),
    ("/gpuInstances/{instance}", "GPU instances"),
    ("/services/{service}/tempCodeBucketToken", "object storage; send code packages in code.zipFile"),
    ("/tempBucketToken", "object storage; send code packages in code.zipFile"),
    ("/accountConfigs", "account configurations"),
];
