import { messageOf } from '../../base/errors.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { loadOnnxEngine } from './onnx-engine.ts'
import { loadWasmEngine } from './wasm-engine.ts'

/** Loads the native engine, or the portable one, with the reason, where the native one cannot be loaded. */
export async function loadEngine(
  options: EngineOptions & { portable: boolean },
): Promise<{ engine: Engine; fallback?: string }> {
  if (options.portable) return { engine: await loadWasmEngine() }
  try {
    return { engine: await loadOnnxEngine(options) }
  } catch (error) {
    // A module that is not found says so in the first line, and who required it in the others.
    const [fallback = ''] = messageOf(error).split('\n', 1)
    return { engine: await loadWasmEngine(), fallback }
  }
}
