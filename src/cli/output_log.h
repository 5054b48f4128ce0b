// OutputLog: the file that keeps what a program wrote, however much and whatever became of it. The
// program writes into it by itself; runs of the same name follow each other in it.
#pragma once

#include <string>
#include <utility>

#include <sys/types.h>

#include "base/fd.h"
#include "base/result.h"

namespace tidemark::cli {

class OutputLog {
 public:
  // Made if it is not there, readable by our own user alone.
  static Result<OutputLog> open(const std::string& path);

  int descriptor() const { return file_.get(); }

  // A line of our own.
  void note(const std::string& line);

  // The end of what was written since our last note, bytes_max of it at most.
  std::string last_words(std::size_t bytes_max) const;

 private:
  OutputLog(Fd file, off_t begin) : file_(std::move(file)), begin_(begin) {}

  Fd file_;
  off_t begin_;
};

}  // namespace tidemark::cli
