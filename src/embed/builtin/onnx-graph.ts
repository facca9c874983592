import { blob, type Chunks, float, integer, message, string, toBytes } from './protobuf.ts'

// Field and enum numbers are those of onnx.proto, IR version 8, operator set 17.
const IR_VERSION = 8
const OPSET_VERSION = 17

/** Element types, by their numbers in onnx.TensorProto.DataType. */
export const elementTypes = { float32: 1, int64: 7, float16: 10 } as const
export type ElementType = keyof typeof elementTypes

/** The name of a value that flows through the graph. */
export type Value = string

export type Attribute = { int: number } | { float: number } | { ints: readonly number[] }

export interface NodeOptions {
  attributes?: Record<string, Attribute>
  /** The operator's domain; ONNX's own when left out. */
  domain?: 'com.microsoft'
}

export interface GraphBuilder {
  /** Declares an input; a dimension given by name is free. */
  input(name: string, type: ElementType, shape: readonly (string | number)[]): Value
  /** A constant tensor; `data` is little-endian, row-major. */
  constant(type: ElementType, shape: readonly number[], data: Uint8Array): Value
  node(operator: string, inputs: readonly Value[], options?: NodeOptions): Value
  output(value: Value, name: string, type: ElementType, shape: readonly (string | number)[]): void
  /** The ONNX file. */
  build(): Buffer
}

/** Builds an ONNX model of one output per node, in the order in which its nodes are added. */
export function createGraphBuilder(name: string): GraphBuilder {
  const nodes: Chunks[] = []
  const initializers: Chunks[] = []
  const inputs: Chunks[] = []
  const outputs: Chunks[] = []
  let names = 0

  const add = (
    operator: string,
    from: readonly Value[],
    to: Value,
    { attributes = {}, domain }: NodeOptions = {},
  ): Value => {
    nodes.push(
      message(1, [
        ...from.map((value) => string(1, value)),
        string(2, to),
        string(4, operator),
        ...Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        ...(domain === undefined ? [] : [string(7, domain)]),
      ]),
    )
    return to
  }

  return {
    input(inputName, type, shape) {
      inputs.push(message(11, valueInfo(inputName, type, shape)))
      return inputName
    },
    constant(type, shape, data) {
      names += 1
      const value = `constant_${names}`
      initializers.push(
        message(5, [
          ...shape.map((size) => integer(1, size)),
          integer(2, elementTypes[type]),
          string(8, value),
          blob(9, data),
        ]),
      )
      return value
    },
    node(operator, from, options) {
      names += 1
      return add(operator, from, `value_${names}`, options)
    },
    output(value, outputName, type, shape) {
      add('Identity', [value], outputName)
      outputs.push(message(12, valueInfo(outputName, type, shape)))
    },
    build: () =>
      toBytes([
        integer(1, IR_VERSION),
        string(2, 'millrace'),
        message(7, [...nodes, string(2, name), ...initializers, ...inputs, ...outputs]),
        message(8, [string(1, ''), integer(2, OPSET_VERSION)]),
        message(8, [string(1, 'com.microsoft'), integer(2, 1)]),
      ]),
  }
}

function attribute(name: string, value: Attribute): Chunks {
  const typed =
    'int' in value
      ? [integer(3, value.int), integer(20, 2)]
      : 'float' in value
        ? [float(2, value.float), integer(20, 1)]
        : [...value.ints.map((int) => integer(8, int)), integer(20, 7)]
  return message(5, [string(1, name), ...typed])
}

function valueInfo(name: string, type: ElementType, shape: readonly (string | number)[]): Chunks[] {
  const dimensions = shape.map((size) =>
    message(1, [typeof size === 'string' ? string(2, size) : integer(1, size)]),
  )
  const tensorType = message(1, [integer(1, elementTypes[type]), message(2, dimensions)])
  return [string(1, name), message(2, [tensorType])]
}
