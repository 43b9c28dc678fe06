import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const brotli = promisify(brotliCompress)
const gz = promisify(gzip)

/** Writes a .br and a .gz beside every text asset, so that the server never compresses while it answers. */
function precompress(): Plugin {
  let outDir = ''
  return {
    name: 'tidings:precompress',
    apply: 'build',
    configResolved: (config) => void (outDir = config.build.outDir),
    async closeBundle() {
      for (const entry of await readdir(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const body = await readFile(path)
        const [small, smaller] = await Promise.all([
          gz(body, { level: 9 }),
          brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        ])
        await Promise.all([writeFile(`${path}.gz`, small), writeFile(`${path}.br`, smaller)])
      }
      // The Go package embeds this folder, and must build before the page was ever built.
      await writeFile(join(outDir, '.gitkeep'), '')
    },
  }
}

/** Takes the indentation out of the queries, all of which are in the first script. */
function leanQueries(): Plugin {
  return {
    name: 'tidings:lean-queries',
    apply: 'build',
    enforce: 'pre',
    transform: (code, id) => (id.endsWith('/src/gql/graphql.ts') ? { code: code.replace(/`[^`]*`/g, (query) => query.replace(/\s+/g, ' ')), map: null } : null),
  }
}

/** Preloads the two Latin fonts, so that the first paint has them and nothing moves. */
function preloadFonts(): Plugin {
  return {
    name: 'tidings:preload-fonts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => /geist(-mono)?-latin-wght-normal-[^/]*\.woff2$/.test(file))
          .map((file) => ({
            tag: 'link',
            injectTo: 'head',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/${file}` },
          })),
    },
  }
}

export default defineConfig({
  plugins: [leanQueries(), react(), tailwindcss(), precompress(), preloadFonts()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { outDir: 'dist', assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false }, reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // What every first view needs is one file: a dozen small ones are no smaller, and compress apart.
        advancedChunks: { groups: [{ name: 'parts', test: /src\/(components\/(Icon|Time|Tooltip|controls|windowed|Badge|Avatar|Button|states|shapes|cx|Dotted)|data\/client|shell\/(kindIcon|search|commands)|time\/|url\/)/ }] },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    port: 5173,
    proxy: Object.fromEntries(
      ['/graphql', '/api', '/hooks', '/login', '/logout'].map((path) => [path, process.env.TIDINGS_URL ?? 'http://127.0.0.1:8080']),
    ),
  },
  test: { environment: 'node', include: ['src/**/*.test.{ts,tsx}'] },
})
