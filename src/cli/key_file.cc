#include "cli/key_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "repo/seal/key_text.h"

namespace tidemark::cli {
namespace {

constexpr std::size_t kKeyBytes = 32;

std::string key_file_text(const std::string& url, const Secret& key) {
  return fmt::format(
      "# The key of the Tidemark repository {}.\n"
      "# Whoever has this and the repository can read every archive in it; without this, or "
      "another\n"
      "# key of it, nobody can. Keep a copy elsewhere: `tidemark key recovery-sheet` prints "
      "one.\n{}",
      url, repo::format_key_text(key).reveal());
}

}  // namespace

Result<repo::KeySecret> make_or_read_key(const Context& context, const config::Repository& config,
                                         crypto::RandomSource& random, bool& made) {
  if (config.key_file.empty()) return repository_secret(context, config);
  const Fd file(::open(config.key_file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open()) {
    if (errno == EEXIST) return repository_secret(context, config);
    return Error{
        ErrorKind::invalid_input,
        fmt::format("cannot make the key file {}: {}", config.key_file, std::strerror(errno)),
        "make its folder, or name another place in key_file"};
  }
  const Secret key(random.bytes(kKeyBytes));
  Status written = replace_file(config.key_file, key_file_text(config.url, key), 0600);
  if (!written) return failed_with_key_file(config.key_file, true, std::move(written).error());
  made = true;
  return repo::KeySecret{repo::KeySecret::Form::key, key};
}

bool outcome_unknown(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out ||
         error.kind == ErrorKind::cancelled;
}

Error failed_with_key_file(const std::string& path, bool unused, Error error) {
  if (unused && ::unlink(path.c_str()) == 0) return error;
  if (!error.hint.empty()) error.hint += "; ";
  error.hint += fmt::format("the new key file {} stays, {}", path,
                            unused ? "and opens nothing" : "since it may open the repository");
  return error;
}

}  // namespace tidemark::cli
