// How the steps of a script stand among the modelled numbers.
#pragma once

#include "repo/codec/number_coder.h"
#include "repo/delta/row_script.h"

namespace tidemark::repo {

// Each kind of step has its own model, and what comes next is learnt from what came before.
class StepModel {
 public:
  void put(const ScriptStep& step, BitEncoder& out);
  ScriptStep take(BitDecoder& in);  // of any kind below 8 when the bytes are damaged

 private:
  static constexpr unsigned kKindBits = 3;

  std::array<std::array<BitModel, 1u << kKindBits>, 1u << kKindBits> kinds_;
  std::array<NumberModel, 1u << kKindBits> counts_;
  unsigned last_ = kRowSteps;
};

}  // namespace tidemark::repo
