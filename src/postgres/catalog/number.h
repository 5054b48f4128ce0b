// Numbers in a server's answers.
#pragma once

#include <cstdint>

#include "postgres/conn/connection.h"

namespace tidemark::postgres {

// Fails with corrupt when the value is NULL or anything but a whole number that fits.
Result<std::int64_t> number_in(const Value& value);

// What must not be NULL.
Result<std::string> text_in(const Value& value);

}  // namespace tidemark::postgres
