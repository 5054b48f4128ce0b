// Text that a server sent, made fit for a message, a log or a report.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

inline constexpr std::size_t kRemoteTextBytesMax = 500;

// Valid UTF-8 on one line: line ends and tabs become a space, other control characters and the
// marks that reverse or hide text go, bytes that are not UTF-8 become "?". What is longer than
// bytes_max is cut between two characters and ends in "...".
std::string clean_remote_text(std::string_view text, std::size_t bytes_max = kRemoteTextBytesMax);

}  // namespace tidemark
