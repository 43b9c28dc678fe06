// @vitest-environment jsdom
import { render } from '@testing-library/react'
import { expect, test } from 'vitest'
import Markdown, { webAddress } from './Markdown'

const html = (text: string) => render(<Markdown>{text}</Markdown>).container.firstElementChild!.innerHTML

test('shows what people write', () => {
  const shown = render(<Markdown>{'# Why\n\nThe **cap** is `off`:\n\n- one\n- [two](https://example.com/x)\n\n```\nmake it\n```'}</Markdown>).container
  expect(shown.querySelector('h3')?.textContent).toBe('Why')
  expect(shown.querySelector('strong')?.textContent).toBe('cap')
  expect(shown.querySelectorAll('li')).toHaveLength(2)
  const link = shown.querySelector('a')!
  expect([link.getAttribute('href'), link.rel, link.target]).toEqual(['https://example.com/x', 'noopener noreferrer', '_blank'])
  expect(shown.querySelector('pre')?.textContent).toContain('make it')
})

const evil = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<iframe src="https://evil.example"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<style>*{display:none}</style>',
  '<details open ontoggle=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](java&#10;script:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](vbscript:msgbox)',
  '[x](file:///etc/passwd)',
  '[x][1]\n\n[1]: javascript:alert(1)',
  '<javascript:alert(1)>',
  '![x](javascript:alert(1))',
  '![x](https://evil.example/pixel.gif)',
  '[x](https://example.com "\\" onmouseover=alert(1)")',
  '> <object data="evil.swf">',
  '| <b onclick=alert(1)>x</b> |\n| --- |\n| <embed src=x> |',
  '[^1]\n\n[^1]: <script>alert(1)</script>',
  '```html"><script>alert(1)</script>\nx\n```',
]

test.each(evil)('takes nothing but text and web addresses from %s', (text) => {
  const { container } = render(<Markdown>{text}</Markdown>)
  expect(container.querySelectorAll('script, style, img, svg, iframe, object, embed, details, form, link, meta, base')).toHaveLength(0)
  for (const element of container.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      expect(name).not.toMatch(/^on|^style$|^srcdoc$/)
      if (name === 'href' && !value.startsWith('#')) expect(webAddress(value)).not.toBeNull()
      if (name === 'src') throw new Error(`${element.tagName} has a source`)
    }
  }
})

test('a broken text is still shown', () => {
  expect(html('**not closed [and](')).toContain('not closed')
  expect(html('`'.repeat(5000))).toBeTruthy()
  expect(html('['.repeat(2000))).toBeTruthy()
})
