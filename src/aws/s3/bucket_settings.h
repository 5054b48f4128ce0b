// How a bucket is set up: versions, lock, lifecycle, policy, ACL, copies. Reads, never writes.
#pragma once

#include "aws/s3/bucket.h"
#include "aws/wire/signed_sender.h"
#include "core/bucket_settings.h"

namespace tidemark::aws {

// A call for each setting. One that cannot be read carries its own error; the others are read all
// the same. Fails with invalid_input on a malformed location.
Result<core::BucketSettings> read_bucket_settings(const BucketLocation& location,
                                                  SenderParts parts);

}  // namespace tidemark::aws
