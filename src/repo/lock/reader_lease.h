// ReaderLease: asks prunes to leave what somebody reads, as far as the store lets us ask.
//
// What was condemned before the reading began can go all the same, when its time has come. Where we
// may not write, or the lease is lost, the reading goes on without: it then fails, loudly, when
// something is taken from under it. Thread-safe.
#pragma once

#include <atomic>

#include "repo/lock/lease.h"

namespace tidemark::repo {

class ReaderLease {
 public:
  // owner is for people, as with every lease. Borrows the access.
  ReaderLease(const Access& access, std::string owner);

  // Cheap; call it often while reading.
  void keep();

  // To be called at the end; who does not has his lease die of age.
  void release();

 private:
  void lose(const Error& error);

  std::unique_ptr<Lease> lease_;
  std::atomic<bool> held_ = false;
};

}  // namespace tidemark::repo
