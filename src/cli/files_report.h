// Files, as the commands show them: a line each, written as they come, however many there are.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "cli/context.h"
#include "files/file_version.h"

namespace tidemark::cli {

// A key as people see it: what a terminal would act on is escaped, as C does it.
std::string key_text(const std::string& key);

nlohmann::json file_json(const files::FileVersion& file);

// Lines on standard output, gathered into larger writes.
class FileLines {
 public:
  // kind: of the documents, with --json.
  FileLines(const Context& context, std::string kind) : context_(context), kind_(std::move(kind)) {}

  // act: what is to become of it, or empty.
  Status add(const files::FileVersion& file, const std::string& act = {});
  Status finish();

 private:
  const Context& context_;
  const std::string kind_;
  std::string waiting_;
};

}  // namespace tidemark::cli
