#include "base/file.h"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>

#include "base/fd.h"
#include "base/output_file.h"

namespace tidemark {

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return file_error("read", path, errno);
  std::string content;
  char buffer[16384];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path, errno);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > bytes_max)
      return Error{ErrorKind::exhausted,
                   fmt::format("{} is larger than {} bytes", path, bytes_max)};
  }
}

Status replace_file(const std::string& path, std::string_view content, unsigned mode) {
  OutputFile file = TRY(OutputFile::draft(path, mode));
  TRY(file.write(content));
  return file.commit();
}

}  // namespace tidemark
