import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** `npm run dev` shows the running city of `make run`; CONSOLE_CITY says where it is when it is elsewhere. */
const city = process.env.CONSOLE_CITY ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy allows files of its own, no code in the page
    chunkSizeWarningLimit: 2500, // MapLibre and Swagger UI, each loaded once and kept for good
    rolldownOptions: { input: { index: 'index.html', docs: 'docs.html', inspect: 'inspect.html' } },
  },
  server: { proxy: Object.fromEntries(['/v1', '/vehicle', '/route', '/gateway'].map((path) => [path, city])) },
  test: { include: ['src/**/*.test.ts'] },
});
