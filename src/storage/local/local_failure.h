// What the operating system said no to, as an Error that says what to do about it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark::storage {

// number: errno. root: an open folder of the disk, for its free space. The message reads "cannot
// <doing> <path>: <why>".
Error local_failure(std::string_view doing, std::string_view path, int number, int root);

}  // namespace tidemark::storage
