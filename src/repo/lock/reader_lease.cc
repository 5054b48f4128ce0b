#include "repo/lock/reader_lease.h"

#include "base/log.h"

namespace tidemark::repo {

ReaderLease::ReaderLease(const Access& access, std::string owner) {
  auto lease = Lease::acquire(access, LeaseKind::reader, std::move(owner));
  held_ = static_cast<bool>(lease);
  if (lease)
    lease_ = *std::move(lease);
  else
    lose(lease.error());
}

void ReaderLease::lose(const Error& error) {
  held_ = false;
  log::info("no prune is told that somebody reads here", {{"reason", error.message}});
}

void ReaderLease::keep() {
  if (!held_) return;
  const Status kept = lease_->keep();
  if (!kept) lose(kept.error());
}

void ReaderLease::release() {
  if (!held_.exchange(false)) return;
  discard(lease_->release(), "it dies of age");
}

}  // namespace tidemark::repo
