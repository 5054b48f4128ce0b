// How an archive, or what is made of one, comes along: for people.
#pragma once

#include <string>

#include "base/time.h"
#include "ops/archive.h"

namespace tidemark::cli {

// "3 of 10 tables, 120000 rows, 1.2 GB, 80.0 MB/s, about 12m left". What is left is told once there
// is something to reckon with.
std::string progress_text(const ops::ArchiveProgress& at, Millis elapsed);

}  // namespace tidemark::cli
