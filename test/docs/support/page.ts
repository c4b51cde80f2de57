/** Reads Markdown as far as the tests of the pages need it. Pure. */

/** Has a code block, and the heading above it. */
export type Block = { readonly heading: string; readonly language: string; readonly text: string };

/** Returns the text of the page. Throws if there is none of that name. */
export function pageNamed(pages: ReadonlyMap<string, string>, name: string): string {
  const found = [...pages].find(([path]) => path.endsWith(`/${name}`));
  if (found === undefined) throw new Error(`there is no page ${name}`);
  return found[1];
}

/** Returns the texts of all headings, without their marks. */
export function headingsOf(page: string): string[] {
  return [...withoutBlocks(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);
}

/** Returns the targets of all links that have no scheme. */
export function linksOf(page: string): string[] {
  const targets = [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** Returns the code blocks in their order. What is indented because it belongs to a list is moved to the left. */
export function blocksOf(page: string): Block[] {
  let heading = '';
  return [...page.matchAll(/^#+ (.*)$|^( *)```(\w+)\n([\s\S]*?)^ *```$/gm)].flatMap(
    ([, title, indent = '', language, text]) => {
      if (title !== undefined) heading = title;
      if (language === undefined || text === undefined) return [];
      return [{ heading, language, text: text.replace(new RegExp(`^${indent}`, 'gm'), '') }];
    },
  );
}

function withoutBlocks(page: string): string {
  return page.replace(/^ *```[\s\S]*?^ *```$/gm, '');
}
