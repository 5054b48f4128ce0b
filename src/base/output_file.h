// OutputFile: a file that is written from its beginning to its end, however large.
//
// A regular file is written beside its path and gets its name only at commit(), when it is whole
// and on disk: nobody ever finds half of it. Without commit() nothing is left of it. Standard
// output, pipes and devices cannot be taken back: whoever reads them learns from our exit code that
// they got all.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "base/stop.h"

namespace tidemark {

class OutputFile {
 public:
  // Takes the place of what is at the path, at commit(). mode is that of the new file, e.g. 0644.
  static Result<OutputFile> draft(const std::string& path, unsigned mode);

  // A draft, unless what is at the path is a pipe or a device: then that.
  static Result<OutputFile> open(const std::string& path, unsigned mode);

  // A copy of standard output.
  static Result<OutputFile> standard_output();

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Fails with exhausted when there is no room, and with cancelled when stop is raised.
  Status write(std::string_view bytes, const StopSignal* stop = nullptr);

  // Whether it is a draft, of which every part can still be changed.
  bool is_draft() const { return !draft_.empty(); }
  // Over the bytes at the beginning; of a draft only.
  Status write_over_beginning(std::string_view bytes);

  // What it is called, for messages.
  const std::string& name() const { return path_; }
  // For a child process that shall write there.
  int descriptor() const { return fd_.get(); }

  Status commit();

 private:
  OutputFile(Fd fd, std::string path, std::string draft)
      : fd_(std::move(fd)), path_(std::move(path)), draft_(std::move(draft)) {}

  Fd fd_;
  std::string path_;
  std::string draft_;  // its name until commit(); empty for what is no draft
};

// The error of a call on a file that left this errno: "cannot read /x: No such file".
Error file_error(std::string_view doing, const std::string& path, int number);

// Makes names in the folder of this path last.
Status sync_folder_of(const std::string& path);

}  // namespace tidemark
