// ReportRows: the rows of a CSV file of S3 Inventory, as versions of files.
//
// S3 quotes every field, doubles a quote within one, and writes no heading. Keys are
// percent-encoded as in listings. Pure; holds one row.
#pragma once

#include <functional>

#include "base/bytes.h"
#include "files/file_version.h"
#include "files/report_manifest.h"

namespace tidemark::files {

class ReportRows {
 public:
  using Emit = std::function<Status(FileVersion)>;

  // bucket: that all rows are of.
  ReportRows(const ReportColumns& columns, std::string bucket, Emit emit)
      : columns_(columns), bucket_(std::move(bucket)), emit_(std::move(emit)) {}

  // Fails with corrupt, naming the row by its number, and as emit does.
  Status add(ByteView bytes);
  // Fails with corrupt when the last row is cut off.
  Status finish();

 private:
  Error corrupt(std::string_view what) const;
  Status take(char c);
  Status end_row();
  Result<FileVersion> read_row() const;

  enum class In { row_start, field_start, plain, quoted, after_quote };

  const ReportColumns columns_;
  const std::string bucket_;
  const Emit emit_;
  In in_ = In::row_start;
  std::size_t row_bytes_ = 0;
  std::uint64_t row_ = 1;
  std::vector<std::string> fields_;
};

}  // namespace tidemark::files
