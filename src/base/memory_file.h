// A file that exists in memory only and cannot be changed: how a secret, or what a child process
// shall read, is handed over without touching a disk.
#pragma once

#include "base/bytes.h"
#include "base/fd.h"
#include "base/result.h"

namespace tidemark {

// Readable by our own user alone; closed when a program is run, unless it is passed on. Fails with
// exhausted.
Result<Fd> sealed_file(ByteView content);

}  // namespace tidemark
