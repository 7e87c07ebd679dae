/** Sprites that move by themselves: the graphics card places each between where it was and where it is going. */

import type { CustomLayerInterface, Map as MapLibre } from 'maplibre-gl';
import { CELL, type Atlas } from './marks';
import { FLOATS, noSprites, type Sprites } from './scene';
import type { View } from './view';

const VERTEX = `#version 300 es
in vec2 corner;
in vec4 way;
in vec4 turnAndTime;
in float cell;
uniform vec2 offset;   // of the sprites' origin from the middle of the screen, in pixels
uniform float scale;   // pixels across the world
uniform vec2 screen;
uniform float now;
uniform float size;
uniform vec2 cells;
out vec2 texel;
void main() {
  float s = clamp((now - turnAndTime.z) / turnAndTime.w, 0.0, 1.0);
  float angle = radians(mix(turnAndTime.x, turnAndTime.y, s));
  vec2 turned = mat2(cos(angle), sin(angle), -sin(angle), cos(angle)) * corner;
  vec2 pixels = offset + mix(way.xy, way.zw, s) * scale + turned * size;
  gl_Position = cell < 0.0 ? vec4(2.0) : vec4(pixels / screen * vec2(2.0, -2.0), 0.0, 1.0);
  texel = (vec2(mod(cell, cells.x), floor(cell / cells.x)) + corner + 0.5) / cells;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec2 texel;
uniform sampler2D atlas;
out vec4 colour;
void main() {
  colour = texture(atlas, texel);
}`;

const CORNERS = new Float32Array([-0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5]);
/** Smaller copies of the texture would let neighbouring cells run into each other. */
const SMALLEST_COPY = 4;
const UNIFORMS = ['offset', 'scale', 'screen', 'now', 'size', 'cells'] as const;

export class SpriteLayer implements CustomLayerInterface {
  readonly type = 'custom';
  readonly renderingMode = '2d';
  nowMs = 0;
  private gl!: WebGL2RenderingContext;
  private program!: WebGLProgram;
  private where = {} as Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
  private shape!: WebGLVertexArrayObject;
  private buffer!: WebGLBuffer;
  private texture!: WebGLTexture;
  private sprites: Sprites = noSprites();
  private uploaded = false;
  private atlas: Atlas;
  private atlasUploaded = false;

  constructor(
    readonly id: string,
    atlas: Atlas,
    private readonly view: () => View,
    /** CSS pixels of a shape, which is 24 units of a cell. */
    private readonly sizePx: () => number,
  ) {
    this.atlas = atlas;
  }

  set(sprites: Sprites): void {
    this.sprites = sprites;
    this.uploaded = false;
  }

  setAtlas(atlas: Atlas): void {
    this.atlas = atlas;
    this.atlasUploaded = false;
  }

  onAdd(_: MapLibre, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = (this.gl = context as WebGL2RenderingContext);
    this.program = link(gl);
    for (const name of UNIFORMS) this.where[name] = gl.getUniformLocation(this.program, name);
    this.shape = gl.createVertexArray();
    this.buffer = gl.createBuffer();
    this.texture = gl.createTexture();
    gl.bindVertexArray(this.shape);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
    this.attribute('corner', 2, 8, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    this.attribute('way', 4, FLOATS * 4, 0, 1);
    this.attribute('turnAndTime', 4, FLOATS * 4, 16, 1);
    this.attribute('cell', 1, FLOATS * 4, 32, 1);
    gl.bindVertexArray(null);
    this.uploaded = this.atlasUploaded = false;
  }

  render(): void {
    const { gl, sprites, where, atlas } = this;
    if (!sprites.count) return;
    const view = this.view();
    gl.useProgram(this.program);
    gl.bindVertexArray(this.shape);
    this.upload();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.uniform2f(where.offset, (sprites.origin.x - view.x) * view.scale, (sprites.origin.y - view.y) * view.scale);
    gl.uniform1f(where.scale, view.scale);
    gl.uniform2f(where.screen, view.width, view.height);
    gl.uniform1f(where.now, (this.nowMs - sprites.epochMs) / 1000);
    gl.uniform1f(where.size, (this.sizePx() * CELL) / 24);
    gl.uniform2f(where.cells, atlas.columns, atlas.rows);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, sprites.count);
    gl.bindVertexArray(null);
  }

  onRemove(): void {
    this.gl.deleteProgram(this.program);
    this.gl.deleteBuffer(this.buffer);
    this.gl.deleteTexture(this.texture);
    this.gl.deleteVertexArray(this.shape);
  }

  private upload(): void {
    const { gl, sprites } = this;
    if (!this.uploaded) {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, sprites.data.subarray(0, sprites.count * FLOATS), gl.DYNAMIC_DRAW);
      this.uploaded = true;
    }
    if (!this.atlasUploaded) {
      gl.bindTexture(gl.TEXTURE_2D, this.texture);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.atlas.canvas);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LOD, SMALLEST_COPY);
      gl.generateMipmap(gl.TEXTURE_2D);
      this.atlasUploaded = true;
    }
  }

  private attribute(name: string, size: number, stride: number, offset: number, divisor: number): void {
    const { gl } = this;
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(place, divisor);
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'the shader does not link');
  return program;
}
